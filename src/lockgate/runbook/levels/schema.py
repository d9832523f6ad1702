"""The schema level: back to a checkpoint of the run; every row and value comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lockgate.errors import RefusedError
from lockgate.model.outcome import RollbackLevel
from lockgate.model.procedure import Entry, EntryType
from lockgate.runbook.actions.common import fact_of, find_effects
from lockgate.runbook.actions.names import find_checkpoint
from lockgate.runbook.actions.rollback import go_back
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.target import TargetTools
from lockgate.workflow.options import RecoverOptions
from lockgate.workflow.recover import recover

_CONTRACT = 3


class Goal(NamedTuple):
    """Where to go back to: a checkpoint's id, and which rung of the ladder it is."""

    checkpoint: str
    words: str


def choose_goal(to: str, entries: Sequence[Entry], task: str, phase: str = "") -> Goal | None:
    """Return the nearest sufficient place: before the task, else before the phase's first change, else the run's.

    None: this run took no checkpoint, so it changed no schema.

    Raises:
        NoWayBack: ``to`` names a checkpoint that the run does not have.
    """
    if to:
        return Goal(find_checkpoint(to, entries), f"checkpoint {to}")
    points = find_effects(entries, "checkpoint")
    if not points:
        return None
    own = [point for point in points if task and point.task == task]
    if own:
        return Goal(find_checkpoint(f"before:{task}", entries) if _is_named(own, task) else own[0].body["id"],
                    f"before task {task}")  # fmt: skip
    near = phase or points[-1].phase
    first = next((point for point in points if near and point.phase == near), points[0])
    return Goal(
        str(first.body["id"]), f"before the first change of phase {near}" if near else "before the first change"
    )


def _is_named(points: Sequence[Entry], task: str) -> bool:
    return any(fact_of(point, "name") == f"before:{task}" for point in points)


def check_not_past_return(entries: Sequence[Entry], goal: Goal, context: TaskContext) -> None:
    """Refuse to go back by itself over a point of no return: a finalize, an irreversible task, a contract stage whose
    phase is over; unless the runbook, or a person, allows the schema level beforehand.

    Raises:
        RefusedError: One lies between the goal and now, and nobody allowed it.
    """
    if RollbackLevel.SCHEMA in context.runbook.preauthorised:
        return
    start = next((e.seq for e in find_effects(entries, "checkpoint") if e.body["id"] == goal.checkpoint), 0)
    after = [entry for entry in entries if entry.seq >= start]
    why = _find_no_return(after, context)
    if why:
        raise RefusedError(
            f"there is a point of no return behind us: {why}",
            where=f"way back to {goal.words}",
            cause="after it nothing is undone without a person's word",
            state="nothing was taken back; everything stands as the run left it",
            hint=f"lockgate runbook rollback {context.run} --to {goal.checkpoint} --dry-run",
        )


def _find_no_return(after: Sequence[Entry], context: TaskContext) -> str:
    done = {e.task for e in after if e.type is EntryType.TASK_ENDED and e.body.get("state") == "done"}
    over = {e.phase for e in after if e.type is EntryType.PHASE_ENDED}
    tasks = {task.id: task for task in context.runbook.tasks}
    for entry in after:
        if entry.type is not EntryType.EFFECT or entry.task not in done:
            continue
        what, task = entry.body.get("what"), tasks.get(entry.task)
        if what == "finalize":
            return f"task {entry.task} dropped for good what was parked"
        if task is not None and task.irreversible:
            return f"task {entry.task} is irreversible: {task.irreversible}"
        if what == "checkpoint" and fact_of(entry, "stage") == _CONTRACT and entry.phase in over:
            return f"task {entry.task} applied the contract stage"
    return ""


def take_back_schema(tools: TargetTools, goal: Goal, context: TaskContext) -> Done:
    """Roll back to the goal and prove it; a run that died in the middle is undone first."""
    context.tell(f"going back to {goal.words} ({goal.checkpoint}); no row is lost")
    if not context.is_dry_run:
        recover(tools.engine, tools.target, RecoverOptions(patience=tools.patience, scratch=tools.scratch))
    return go_back(tools, goal.checkpoint, context)
