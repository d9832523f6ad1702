"""Try one monitor, as before a run: does it give a value, what does its rule say, would a run begin with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from lockgate.errors import ConfigError
from lockgate.model.runbook import Monitor
from lockgate.model.schema import Value
from lockgate.monitor.base import Breach, Judgement, Reading
from lockgate.monitor.rules import decide
from lockgate.monitor.source import Source, mistake, rule_for
from lockgate.monitor.watch import first_decision, first_problem, value_text
from lockgate.monitor.words import describe_rule

_TEST = "a test of the alert: nothing is broken"


class Trial(Value, frozen=True, omit_defaults=False):
    """What a monitor gave. ``problem`` says why a run would not begin with it, empty when it would."""

    name: str
    source: str
    problem: str = ""
    value: str = ""
    decision: str = ""
    judgement: str = ""
    breaks_when: str = ""
    lines: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether a run would begin with it."""
        return not self.problem


def try_monitor(monitor: Monitor, make: Callable[[Monitor], Source]) -> Trial:
    """Ask a monitor's source once and apply the rule."""
    try:
        source, rule = make(monitor), rule_for(monitor)
    except ConfigError as error:
        return Trial(name=monitor.name, source=monitor.source, problem=str(error))
    try:
        reading = source.begin()
    finally:
        source.close()
    decision = first_decision(monitor, rule, reading) if not reading.error else decide(monitor.name, rule, [reading])
    return Trial(
        name=monitor.name,
        source=monitor.source,
        problem=first_problem(monitor, rule, reading),
        value=value_text(rule, reading),
        decision=decision.sentence,
        judgement=decision.judgement.value,
        breaks_when=describe_rule(rule),
        lines=reading.lines,
    )


def make_breach(monitor: Monitor, now: Callable[[], datetime]) -> Breach:
    """Return a made-up breach: windows that break the monitor's rule go through the rule, and what it says is it.

    Raises:
        ConfigError: The monitor has no rule, or one that nothing can break.
    """
    rule, at = rule_for(monitor), now().astimezone(UTC).isoformat(timespec="milliseconds")
    over = rule.limit - 1 if rule.below else max(rule.limit, 0.0) * 2 + 1
    count = max(1000.0, rule.limit * 2, float(rule.min_count), float(rule.hard_min_count))
    made = Reading(
        at=at,
        window_s=30.0,
        value=over,
        bad=count,
        total=count,
        samples=(over,) * 100 if rule.kind == "quantile" else (),
        lines=(_TEST,),
        is_up=False if rule.kind == "up" else None,
    )
    decision = decide(monitor.name, rule, [made] * max(20, rule.windows))
    if decision.judgement is not Judgement.BREACH:
        raise mistake(monitor, "can never break", decision.sentence)
    return Breach(monitor.name, monitor.action, decision.sentence, at, dict(decision.values), (_TEST,))
