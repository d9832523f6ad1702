"""Gates ask the watch: what is broken fails with its lines, what is silent is unknown; names are settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.errors import ConfigError
from lockgate.gate.base import CheckContext
from lockgate.model.checks import MetricCheck, MonitorsCheck
from lockgate.model.outcome import Evidence, Outcome
from lockgate.model.runbook import Monitor, Rule, Runbook
from lockgate.monitor.series import Series
from lockgate.monitor.source import SourceContext
from lockgate.monitor.watch import Watch
from lockgate.runbook.monitor_checks import monitor_evaluators
from lockgate.runbook.monitors import fill_monitors, open_watch, settle_monitors
from lockgate.runbook.read import parse_runbook
from tests.monitor.world import Clock, Scripted

LOCKS = Monitor("locks", "locks", rule=Rule(kind="value", limit=60, windows=1, window="5s"), options={"of": "all"})


def ask(watch: Watch, check: MetricCheck | MonitorsCheck):
    context = CheckContext(Path(), {}, {}, lambda name, data: Evidence(name))
    kind = "metric" if isinstance(check, MetricCheck) else "monitors"
    return monitor_evaluators(watch)[kind](check, context)


def test_a_gate_fails_with_the_session_that_is_blocked_and_is_unknown_where_nothing_is_told(tmp_path: Path) -> None:
    clock = Clock()
    blocked = {"value": 70.0, "lines": ("pid 8 has waited 70.0 s for pid 6",)}
    watch = Watch(
        [
            (LOCKS, Scripted(clock, {"value": 0.0}, blocked)),
            (Monitor("pool", "pool"), Scripted(clock, {"value": 10.0}, {"error": "gone"})),
        ],
        Series(tmp_path, clock.now),
        clock=clock.clock,
        sleep=clock.sleep,
        is_threaded=False,
    )
    assert ask(watch, MonitorsCheck()).outcome is Outcome.UNKNOWN
    watch.begin()
    assert ask(watch, MetricCheck(monitor="locks")).outcome is Outcome.OK
    assert ask(watch, MonitorsCheck()).found == "2 of 2 gave one"
    for _ in range(140):
        clock.sleep(1)
        watch.step()
    found = ask(watch, MetricCheck(monitor="locks"))
    assert (found.outcome, found.items) == (Outcome.FAIL, ("pid 8 has waited 70.0 s for pid 6",))
    assert "70 > 60 → breach" in found.found
    assert ask(watch, MetricCheck(monitor="pool")).outcome is Outcome.UNKNOWN
    assert ask(watch, MetricCheck(monitor="nobody")).outcome is Outcome.UNKNOWN
    assert ask(watch, MonitorsCheck()).outcome is Outcome.UNKNOWN


def test_monitors_may_be_named_and_set_in_the_configuration() -> None:
    text = "runbook: x\nmonitors: [health, {name: pool, source: pool}]\n"
    runbook = parse_runbook(text, "x.yaml").runbook
    health = Monitor("health", "http", query="http://x")
    assert settle_monitors(runbook, {"health": health}).monitors == (health, Monitor("pool", "pool"))
    with pytest.raises(ConfigError) as caught:
        settle_monitors(runbook, {"helth": health})
    assert "there is no monitor health" in str(caught.value)


def test_variables_are_put_in_place_but_never_into_commands(tmp_path: Path) -> None:
    monitors = (
        Monitor("h", "http", query="${app}/health", options={"has": "${word}"}),
        Monitor("c", "command", query='test "${word}" = "a; b"'),
    )
    values = {"app": "http://127.0.0.1:9", "word": "a; b"}
    first, second = fill_monitors(monitors, values)
    assert (first.query, first.options["has"], second.query) == ("http://127.0.0.1:9/health", "a; b", monitors[1].query)
    context = SourceContext(tmp_path, {"PATH": "/usr/bin:/bin"})
    watch = open_watch(monitors[1:], values, tmp_path, context, is_threaded=False)
    watch.begin()
    assert watch.decisions()["c"].sentence.endswith("→ ok")
    watch.close()
    assert Runbook(runbook="x").monitors == ()
