"""Make a watch of a runbook's monitors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from lockgate.model.runbook import CONFIGURED, Monitor
from lockgate.monitor.base import Decision, Reading
from lockgate.monitor.rules import KINDS
from lockgate.monitor.series import Series
from lockgate.monitor.source import Source, SourceContext, mistake, rule_for
from lockgate.monitor.source_command import CommandSource
from lockgate.monitor.source_http import HttpSource
from lockgate.monitor.source_log import LogSource
from lockgate.monitor.source_prometheus import PrometheusSource
from lockgate.monitor.watch import Watch
from lockgate.monitor.words import seconds_of, tries_of

MakeSource: TypeAlias = Callable[[Monitor, SourceContext], Source]
_OWN: Mapping[str, MakeSource] = {
    "http": HttpSource,
    "log": LogSource,
    "prometheus": PrometheusSource,
    "command": CommandSource,
}


def build_watcher(
    monitors: Sequence[Monitor],
    sources: Mapping[str, MakeSource],
    run_folder: Path,
    context: SourceContext,
    *,
    sleep: Callable[[float], None] = time.sleep,
    is_threaded: bool = True,
    on_decision: Callable[[Decision, Reading], None] = lambda decision, reading: None,
) -> Watch:
    """Make a watch whose samples go into ``run_folder``. ``sources`` make those that need the target, by kind.

    Raises:
        ConfigError: A monitor is written in a way that cannot be watched; nothing was asked yet.
    """
    made = [(monitor, make_source(monitor, sources, context)) for monitor in monitors]
    series = Series(run_folder, context.now)
    return Watch(made, series, clock=context.clock, sleep=sleep, is_threaded=is_threaded, on_decision=on_decision)


def make_source(monitor: Monitor, sources: Mapping[str, MakeSource], context: SourceContext) -> Source:
    """Make the source of one monitor.

    Raises:
        ConfigError: The monitor is written in a way that cannot be watched.
    """
    check_monitor(monitor)
    make = sources.get(monitor.source) or _OWN.get(monitor.source)
    if make is None:
        known = ", ".join(sorted({*_OWN, *sources}))
        raise mistake(monitor, f"has a source {monitor.source}", f"what can be watched here: {known}")
    return make(monitor, context)


def check_monitor(monitor: Monitor) -> None:
    """Refuse what no source could be watched by.

    Raises:
        ConfigError: Names what is wrong.
    """
    if monitor.source == CONFIGURED:
        raise mistake(monitor, "is only named", "it stands neither here nor in [monitors] of lockgate.toml")
    rule = rule_for(monitor)
    if rule.kind not in KINDS:
        raise mistake(monitor, f"has a rule {rule.kind}", f"rules are {', '.join(KINDS)}")
    if monitor.action not in ("stop", "code", "schema", "data"):
        raise mistake(monitor, f"has action: {monitor.action}", "allowed are stop, code, schema and data")
    for name, text in (("window", rule.window), ("every", rule.every), ("silence", monitor.silence)):
        if not seconds_of(text):
            raise mistake(monitor, f"has {name}: {text}", "a length of time is a number with ms, s, m, h or d")
    if rule.kind == "rate" and not 0 <= rule.limit < 1:
        raise mistake(monitor, f"has limit: {rule.limit:g}", "the limit of a rate is a part of one: 0.01 is 1 %")
    if rule.kind == "quantile" and not 0 < rule.quantile <= 1:
        raise mistake(monitor, f"has quantile: {rule.quantile:g}", "a quantile is a part of one: 0.95 is p95")
    if rule.kind == "up" and tries_of(rule.of) is None:
        raise mistake(monitor, f"has of: {rule.of}", "write so many of so many, such as 3/3")
    if rule.windows < 1:
        raise mistake(monitor, f"has windows: {rule.windows}", "at least one")
