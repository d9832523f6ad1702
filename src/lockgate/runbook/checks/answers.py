"""Answers of checks on the target, in few words."""

from __future__ import annotations

from lockgate.gate.base import Answer
from lockgate.model.outcome import Evidence, FailureClass, Outcome

MOST_ITEMS = 200


def answer(
    outcome: Outcome,
    expected: str,
    found: str,
    failure_class: FailureClass,
    items: tuple[str, ...] = (),
    evidence: tuple[Evidence, ...] = (),
) -> Answer:
    """Return an answer, its items cut to a bound that ``found`` names."""
    if len(items) > MOST_ITEMS:
        found = f"{found} (the first {MOST_ITEMS} of {len(items)} are listed)"
    return Answer(outcome, expected, found, items[:MOST_ITEMS], evidence, failure_class)


def unknown(expected: str, why: str, failure_class: FailureClass) -> Answer:
    """Return an answer that says why nothing could be measured."""
    return Answer(Outcome.UNKNOWN, expected, why, failure_class=failure_class)


def judge(
    is_ok: bool,
    expected: str,
    found: str,
    failure_class: FailureClass,
    items: tuple[str, ...] = (),
    evidence: tuple[Evidence, ...] = (),
) -> Answer:
    """Return ok or fail."""
    return answer(Outcome.OK if is_ok else Outcome.FAIL, expected, found, failure_class, items, evidence)
