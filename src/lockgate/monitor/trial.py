"""Try one monitor, as before a run: does it give a value, what does its rule say, would a run begin with it."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.errors import ConfigError
from lockgate.model.runbook import Monitor, Rule
from lockgate.model.schema import Value
from lockgate.monitor.base import Reading
from lockgate.monitor.rules import decide
from lockgate.monitor.source import Source, rule_for
from lockgate.monitor.watch import first_decision, first_problem, usual_of, value_text
from lockgate.monitor.words import describe_rule


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


def breach_of(monitor: Monitor, rule: Rule, at: str) -> tuple[Reading, ...]:
    """Return made-up windows that break a rule, to send an alert through all that stands between rule and people."""
    usual = usual_of(monitor, rule, Reading(at=at))
    over = rule.limit - 1 if rule.below else max(rule.limit, 0.0) * 2 + 1
    made = Reading(
        at=at,
        window_s=30.0,
        value=over,
        bad=1000.0,
        total=1000.0 + usual,
        samples=(over,) * 100 if rule.kind == "quantile" else (),
        lines=("a test: nothing is broken",),
        is_up=False if rule.kind == "up" else None,
    )
    return (made,) * 10
