"""Take the lowest level of rollback that is sufficient: code, schema (lossless), data (what was written since is lost).

The data level needs a person's word, or the runbook's. A way back that was begun and failed is in doubt: exit 7.
"""

from __future__ import annotations

from collections.abc import Callable

from lockgate.errors import (
    ApprovalMissing,
    BackupFailed,
    FailedError,
    InDoubtError,
    LockgateError,
    NoWayBack,
    RefusedError,
)
from lockgate.model.outcome import FailureClass, RollbackLevel
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.common import done
from lockgate.runbook.base import Done, LevelAsk, TaskContext
from lockgate.runbook.levels.code import take_back_code
from lockgate.runbook.levels.data import bring_back, loss_of
from lockgate.runbook.levels.schema import check_not_past_return, choose_goal, take_back_schema
from lockgate.runbook.target import TargetTools
from lockgate.workflow.at_checkpoint import is_at_checkpoint

TakeBack = Callable[[LevelAsk, TaskContext], Done]
NOTHING_LOST = {
    RollbackLevel.CODE: "no row is touched: only files and commits change",
    RollbackLevel.SCHEMA: "nothing would be lost: values come back, or are kept in salvage",
}


def build_take_back(tools: TargetTools) -> TakeBack:
    """Return what takes a run's effects back; see `take_back`."""

    def call(ask: LevelAsk, context: TaskContext) -> Done:
        return take_back(tools, ask, context)

    return call


def build_loss_window(tools: TargetTools) -> Callable[[RollbackLevel, str], str]:
    """Return what says in words what a level would lose."""

    def call(level: RollbackLevel, to: str) -> str:
        return NOTHING_LOST.get(level) or loss_of(tools, to or "verified")

    return call


def take_back(tools: TargetTools, ask: LevelAsk, context: TaskContext) -> Done:
    """Go back as far as the failure needs and no further.

    Raises:
        ApprovalMissing: Only the data level would do, and nobody allowed it; nothing was touched.
        RefusedError: There is no way back that may be taken; nothing was touched.
        InDoubtError: The rollback failed; where things stand is said.
    """
    if ask.level is not RollbackLevel.CODE:
        tools.refuse_agent("roll a run back")
    try:
        return _take_back(tools, ask, context)
    except RefusedError:
        raise
    except (FailedError, InDoubtError) as error:
        raise rollback_failed(error, ask) from error


def _take_back(tools: TargetTools, ask: LevelAsk, context: TaskContext) -> Done:
    if ask.level is RollbackLevel.CODE or ask.failure_class is FailureClass.CODE:
        return proven(take_back_code(ask.to, context), ask)
    names_backup = ask.level is RollbackLevel.DATA and _is_backup(tools, ask.to)
    if not names_backup:
        back = _by_schema(tools, ask, context)
        if back is not None and (ask.level is RollbackLevel.SCHEMA or back.state is TaskState.DONE):
            return proven(back, ask)
    return _by_data(tools, ask, context)


def _is_backup(tools: TargetTools, name: str) -> bool:
    return bool(name) and any(backup.id == name for backup in tools.open_repository().backups())


def _by_schema(tools: TargetTools, ask: LevelAsk, context: TaskContext) -> Done | None:
    """Go back to a checkpoint; None when that cannot be sufficient: damaged rows that no schema change explains."""
    goal = choose_goal(ask.to, context.entries, context.task.id)
    if goal is None:
        if ask.level is RollbackLevel.DATA and ask.failure_class is FailureClass.DATA:
            return None
        return done("this run changed no schema; nothing was to be taken back")
    is_of_rows = ask.failure_class is FailureClass.DATA and ask.level is RollbackLevel.DATA
    if is_of_rows and is_at_checkpoint(tools.engine, tools.target, goal.checkpoint):
        return None
    check_not_past_return(context.entries, goal, context)
    try:
        return take_back_schema(tools, goal, context)
    except NoWayBack:
        if ask.level is not RollbackLevel.DATA:
            raise
        context.tell("the schema level has no way back")
        return None


def _by_data(tools: TargetTools, ask: LevelAsk, context: TaskContext) -> Done:
    name = ask.to if _is_backup(tools, ask.to) else ""
    if not ask.is_preauthorised and not context.is_dry_run:
        raise ApprovalMissing(
            "only the data level would do, and nobody allowed it",
            where=tools.target.display,
            cause=loss_of(tools, name, context.entries, context.runbook),
            state="nothing was touched",
            hint=f"a person runs: lockgate runbook rollback {context.run} --level data --confirm {tools.name}",
        )
    return proven(bring_back(tools, name, context), ask)


def proven(ended: Done, ask: LevelAsk) -> Done:
    """Return a way back that is done.

    Raises:
        InDoubtError: It is not, or that is not known.
    """
    if ended.state is TaskState.DONE:
        return ended
    raise InDoubtError(
        "the rollback failed",
        where=f"level {ask.level.value}",
        cause=ended.message,
        state="see what is said of it; nothing more is tried by itself",
        hint="lockgate status",
    )


def rollback_failed(error: LockgateError, ask: LevelAsk) -> InDoubtError:
    """Return an error of a way back as what it is: a person must look."""
    if isinstance(error, InDoubtError) and error.what == "the rollback failed":
        return error
    is_restore = isinstance(error, BackupFailed)
    return InDoubtError(
        "the rollback failed",
        where=f"level {ask.level.value}: {error.where}" if error.where else f"level {ask.level.value}",
        cause=f"{error.what}: {error.cause}" if error.cause else error.what,
        state=error.state or "it was begun; look at the database",
        hint=error.hint or ("lockgate restore --resume" if is_restore else "lockgate recover"),
    )
