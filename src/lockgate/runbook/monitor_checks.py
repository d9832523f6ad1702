"""The checks ``metric`` and ``monitors``: what the watch says now; a monitor that knows nothing is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from lockgate.gate.base import Answer, CheckContext, Evaluate
from lockgate.model.checks import MetricCheck, MonitorsCheck
from lockgate.model.outcome import FailureClass, Outcome
from lockgate.monitor.base import Breach, Decision, Judgement, Watcher

_OUTCOMES = {
    Judgement.OK: Outcome.OK,
    Judgement.AMBER: Outcome.OK,
    Judgement.HOLD: Outcome.UNKNOWN,
    Judgement.BREACH: Outcome.FAIL,
}


def monitor_evaluators(watcher: Watcher) -> Mapping[str, Evaluate]:
    """Return what asks the checks about monitors, by kind."""

    def metric(check: MetricCheck, context: CheckContext) -> Answer:
        decision, why = _state(watcher, check.monitor)
        expected = f"the rule of {check.monitor} is not broken"
        if decision is None or why:
            return Answer(Outcome.UNKNOWN, expected, why, failure_class=FailureClass.SERVICE)
        breach = watcher.breach()
        lines = breach.lines if isinstance(breach, Breach) and breach.monitor == check.monitor else ()
        outcome = _OUTCOMES[decision.judgement]
        found = f"{decision.sentence} (at {decision.at})"
        return Answer(outcome, expected, found, items=tuple(lines), failure_class=FailureClass.SERVICE)

    def monitors(check: MonitorsCheck, context: CheckContext) -> Answer:
        names = check.names or tuple(watcher.decisions())
        if not names:
            return Answer(Outcome.UNKNOWN, "every monitor gave a value", "the run has no monitors")
        silent = {name: why for name in names if (why := _state(watcher, name)[1])}
        outcome = Outcome.UNKNOWN if silent else Outcome.OK
        found = f"{len(names) - len(silent)} of {len(names)} gave one"
        items = tuple(f"{name}: {why}" for name, why in silent.items())
        return Answer(outcome, f"a value from each of {', '.join(names)}", found, items=items)

    return {"metric": metric, "monitors": monitors}


def _state(watcher: Watcher, name: str) -> tuple[Decision | None, str]:
    """Return a monitor's newest decision, and why nothing is known of it (empty: something is)."""
    decision = watcher.decisions().get(name)
    if decision is None:
        return None, f"there is no monitor {name}, or it gave no value yet"
    hold = next((hold for hold in watcher.holds() if hold.monitor in (name, "watch")), None)
    return decision, hold.why if hold else ""
