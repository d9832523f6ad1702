"""Ask the data before a step whether rows stand in its way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lockgate.engine.base import Session
from lockgate.errors import PrecheckFailed, StatementFailed
from lockgate.execute.execution import Execution
from lockgate.model.plan import Step


class Answer(NamedTuple):
    """What the pre-checks of one step said; ``unasked`` are those the server could not answer yet, with its words."""

    rows_in_the_way: tuple[str, ...]
    unasked: tuple[str, ...]


def check_step(session: Session, step: Step, *, is_backward: bool) -> Answer:
    """Ask all pre-checks of a step; each returns one number, the rows in the way."""
    found: list[str] = []
    unasked: list[str] = []
    for check in step.backward_prechecks if is_backward else step.prechecks:
        try:
            rows = session.query(check.sql)
        except StatementFailed as error:
            unasked.append(f"{check.name}: {error.cause or error.what}")
            continue
        count = int(rows[0][0] or 0) if rows else 0
        if count:
            found.append(f"{count} {'row' if count == 1 else 'rows'} in the way: {check.message} ({check.name})")
    return Answer(tuple(found), tuple(unasked))


def check_steps(session: Session, steps: Iterable[Step], *, is_backward: bool) -> frozenset[str]:
    """Ask the pre-checks of all steps before anything is touched.

    Returns:
        The ids of steps whose checks need objects that earlier steps make: asked again right before the step.

    Raises:
        PrecheckFailed: Rows stand in the way; names the steps, the counts and the checks.
    """
    found: list[str] = []
    deferred: set[str] = set()
    for step in steps:
        answer = check_step(session, step, is_backward=is_backward)
        found.extend(f"step {step.id} ({step.title}): {text}" for text in answer.rows_in_the_way)
        if answer.unasked:
            deferred.add(step.id)
    if found:
        raise PrecheckFailed(
            "rows in the database stand in the way",
            cause="; ".join(found),
            state="nothing was touched",
            hint="correct these rows, then apply again",
        )
    return frozenset(deferred)


def recheck_step(execution: Execution, step: Step, *, is_backward: bool) -> None:
    """Ask a step's pre-checks right before it runs; what still cannot be asked is no yes.

    Raises:
        PrecheckFailed: Rows stand in the way, or a check could not be asked.
    """
    answer = check_step(execution.session, step, is_backward=is_backward)
    if answer.rows_in_the_way:
        raise PrecheckFailed(f"rows stand in the way of step {step.id}", cause="; ".join(answer.rows_in_the_way))
    if answer.unasked:
        raise PrecheckFailed(f"a pre-check of step {step.id} cannot be asked", cause="; ".join(answer.unasked))
