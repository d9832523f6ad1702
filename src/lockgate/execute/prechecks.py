"""Ask the data before a step whether rows stand in its way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lockgate.engine.base import Session
from lockgate.errors import PrecheckFailed, StatementFailed
from lockgate.execute.execution import Execution
from lockgate.execute.script import is_forward
from lockgate.model.op import Precheck
from lockgate.model.plan import Step
from lockgate.model.run import Direction


class Answer(NamedTuple):
    """What the pre-checks of one step said.

    ``soft`` are the numbers of those with rows in the way that a stand-in deals with, ``soft_words`` the same for
    people; ``unasked`` are those the server could not answer yet, with its words.
    """

    rows_in_the_way: tuple[str, ...]
    unasked: tuple[str, ...]
    soft: tuple[int, ...] = ()
    soft_words: tuple[str, ...] = ()


class Asked(NamedTuple):
    """What the pre-checks of several steps said: steps to be asked again, and what will be owed, in words."""

    deferred: frozenset[str]
    notes: tuple[str, ...]


def checks_of(step: Step, direction: Direction) -> tuple[Precheck, ...]:
    """Return the pre-checks that are asked before a step is run in a direction."""
    if not is_forward(direction):
        return step.backward_prechecks
    if direction is Direction.REDO and step.redo_prechecks is not None:
        return step.redo_prechecks
    return step.prechecks


def check_step(session: Session, step: Step, direction: Direction) -> Answer:
    """Ask all pre-checks of a step; each returns one number, the rows in the way."""
    found: list[str] = []
    unasked: list[str] = []
    soft: list[int] = []
    words: list[str] = []
    for number, check in enumerate(checks_of(step, direction)):
        try:
            rows = session.query(check.sql)
        except StatementFailed as error:
            unasked.append(f"{check.name}: {error.cause or error.what}")
            continue
        count = int(rows[0][0] or 0) if rows else 0
        if not count:
            continue
        text = f"{count} {'row' if count == 1 else 'rows'} in the way: {check.message} ({check.name})"
        if check.soft is None or is_forward(direction):
            found.append(text)
        else:
            soft.append(number)
            words.append(text)
    return Answer(tuple(found), tuple(unasked), tuple(soft), tuple(words))


def check_steps(session: Session, steps: Iterable[tuple[Step, Direction]]) -> Asked:
    """Ask the pre-checks of all steps before anything is touched.

    Returns:
        The ids of steps whose checks need objects that earlier steps make: asked again right before the step.

    Raises:
        PrecheckFailed: Rows stand in the way; names the steps, the counts and the checks.
    """
    found: list[str] = []
    deferred: set[str] = set()
    notes: list[str] = []
    for step, direction in steps:
        answer = check_step(session, step, direction)
        found.extend(f"step {step.id} ({step.title}): {text}" for text in answer.rows_in_the_way)
        notes.extend(f"step {step.id} ({step.title}) will leave a debt: {text}" for text in answer.soft_words)
        if answer.unasked:
            deferred.add(step.id)
    if found:
        raise PrecheckFailed(
            "rows in the database stand in the way",
            cause="; ".join(found),
            state="nothing was touched",
            hint="correct these rows, then apply again",
        )
    return Asked(frozenset(deferred), tuple(notes))


def recheck_step(execution: Execution, step: Step, direction: Direction) -> tuple[int, ...]:
    """Ask a step's pre-checks right before it runs; what still cannot be asked is no yes.

    Returns:
        The numbers of the checks for which a stand-in is needed.

    Raises:
        PrecheckFailed: Rows stand in the way, or a check could not be asked.
    """
    answer = check_step(execution.session, step, direction)
    if answer.rows_in_the_way:
        raise PrecheckFailed(f"rows stand in the way of step {step.id}", cause="; ".join(answer.rows_in_the_way))
    if answer.unasked:
        raise PrecheckFailed(f"a pre-check of step {step.id} cannot be asked", cause="; ".join(answer.unasked))
    return answer.soft
