"""Going back by level: the lowest that may be sufficient first, data only by a person's word, never past what is done
for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lockgate.errors import InDoubtError, LockgateError, RefusedError
from lockgate.model.outcome import FailureClass, RollbackLevel
from lockgate.model.procedure import Entry, EntryType, RunStatus, TaskState
from lockgate.model.runbook import Task
from lockgate.runbook.base import Done, LevelAsk
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.options import Stop
from lockgate.runbook.engine.rerun import ON_TARGET, is_writing, kind_of

_MADE_BY = {
    RollbackLevel.CODE: ("commit",),
    RollbackLevel.SCHEMA: ("checkpoint", "run"),
    RollbackLevel.DATA: ("backup",),
}
_LOWEST = {
    FailureClass.CODE: RollbackLevel.CODE,
    FailureClass.SERVICE: RollbackLevel.CODE,
    FailureClass.SCHEMA: RollbackLevel.SCHEMA,
    FailureClass.DATA: RollbackLevel.SCHEMA,
}


@dataclass(frozen=True)
class Wanted:
    """A wish to go back: why, because of what kind of failure, how far at most."""

    why: str
    failure_class: FailureClass
    highest: RollbackLevel


def go_back(core: Core, wanted: Wanted, is_enough: Callable[[], bool]) -> None:
    """Take levels in their order until ``is_enough`` (asked after each but the last) or the highest is taken.

    Raises:
        Stop: Always; ROLLED_BACK, ROLLBACK_FAILED, or STOPPED where nothing may or need be taken back.
    """
    levels = _levels(core, wanted)
    if not has_way_back(core, wanted):
        raise Stop(
            RunStatus.STOPPED,
            f"{wanted.why}; this run made nothing that the level {wanted.highest.value} could take back",
            hint=core.resume,
        )
    for number, level in enumerate(levels, 1):
        to = _destination(core, level)
        _check_point_of_no_return(core, wanted, level, to)
        if level is RollbackLevel.DATA:
            _ask_for_data(core, wanted, to)
        done = _take(core, wanted, level, to, is_last=number == len(levels))
        if done is None:
            raise Stop(RunStatus.STOPPED, f"{wanted.why}; {core.refusal}", hint=core.command("status", ""))
        if done.state is not TaskState.DONE:
            word = "failed" if done.state is TaskState.FAILED else "has an unknown end"
            raise Stop(
                RunStatus.ROLLBACK_FAILED,
                f"{wanted.why}; going back ({level.value}) {word}: {done.message}",
                hint=core.command("status", ""),
                exit_code=7,
            )
        if number == len(levels) or is_enough():
            raise Stop(
                RunStatus.ROLLED_BACK,
                f"{wanted.why}; rolled back ({level.value}): {done.message}",
                hint=f"lockgate report build {core.record.folder.name}",
                exit_code=6,
            )


def has_way_back(core: Core, wanted: Wanted) -> bool:
    """Whether this run made anything that a level it may take can take back."""
    return bool(_levels(core, wanted)) and _has_changed(core)


def finish_rollback(core: Core) -> None:
    """End a run that was killed on its way back, or right after it.

    Raises:
        Stop: Always, when a way back was begun.
    """
    begun, ended = core.state.rollback, core.state.rolled_back
    if begun is not None:
        core.phase = next((p for p in core.lock.runbook.phases if p.id == begun.phase), None)
        _finish_begun(core, begun)
    if ended is None:
        return
    level, message = str(ended.body["level"]), str(ended.body["message"])
    word = core.state.decision("resolve", "rollback", ended.seq)
    is_done = ended.body["state"] == "done"
    if word is None and is_done and not ended.body.get("is_last", True):
        raise Stop(
            RunStatus.ROLLING_BACK,
            f"went back ({level}) and was cut short before it was known whether that is enough",
            hint=core.command("resolve", 'rollback --as done|not_done --reason "…"'),
            exit_code=7,
        )
    if is_done and (word is None or word.body.get("outcome") == "done"):
        raise Stop(RunStatus.ROLLED_BACK, f"rolled back ({level}): {message}", exit_code=6)
    raise Stop(
        RunStatus.ROLLBACK_FAILED,
        f"going back ({level}) failed: {message}",
        hint=core.command("status", ""),
        exit_code=7,
    )


def _finish_begun(core: Core, begun: Entry) -> None:
    """Go on with a way back that was cut short: a lossless one again, any other is in doubt until a person looked.

    Raises:
        Stop: Always.
    """
    level, why = RollbackLevel(begun.body["level"]), str(begun.body["why"])
    wanted = Wanted(why, FailureClass(begun.body["failure_class"]), level)
    word = core.state.decision("resolve", "rollback", begun.seq)
    if word is not None:
        is_done = word.body.get("outcome") == "done"
        message = f"{word.body.get('by', '?')} looked: {word.body.get('reason', '')}"
        body = {"level": level.value, "state": "done" if is_done else "failed", "message": message}
        core.write(EntryType.ROLLBACK_ENDED, body)
        status = RunStatus.ROLLED_BACK if is_done else RunStatus.ROLLBACK_FAILED
        raise Stop(status, f"{why}; {message}", exit_code=6 if is_done else 7)
    if level is not RollbackLevel.SCHEMA:
        raise Stop(
            RunStatus.ROLLING_BACK,
            f"going back ({level.value}) was cut short, and nobody knows how far it came",
            hint=core.command("resolve", 'rollback --as done|not_done --reason "…"'),
            exit_code=7,
        )
    try:
        done = _call(core, wanted, level, str(begun.body.get("to", "")))
    except RefusedError as error:
        done = Done(TaskState.FAILED, str(error))
    _write_end(core, level, done)
    if done.state is TaskState.DONE:
        raise Stop(RunStatus.ROLLED_BACK, f"{why}; rolled back ({level.value}): {done.message}", exit_code=6)
    raise Stop(
        RunStatus.ROLLBACK_FAILED,
        f"{why}; going back failed: {done.message}",
        hint=core.command("status", ""),
        exit_code=7,
    )


def _levels(core: Core, wanted: Wanted) -> tuple[RollbackLevel, ...]:
    """Return the levels worth taking: from the failure's own up to the highest, those that have something to undo."""
    lowest = _LOWEST.get(wanted.failure_class, RollbackLevel.CODE)
    span = [
        level for level in RollbackLevel if min(lowest.rank, wanted.highest.rank) <= level.rank <= wanted.highest.rank
    ]
    return tuple(level for level in span if _destination(core, level))


def _destination(core: Core, level: RollbackLevel) -> str:
    """Return what to go back to: the first point of this phase, else the run's newest; empty when there is none."""
    made = [e for e in core.state.effects if e.body["what"] in _MADE_BY[level]]
    here = [e for e in made if core.phase is not None and e.phase == core.phase.id]
    if level is RollbackLevel.SCHEMA:
        made = [e for e in made if e.body["what"] == "checkpoint"]
        here = [e for e in here if e.body["what"] == "checkpoint"]
    chosen = here[0] if here else made[-1] if made else None
    return str(chosen.body["id"]) if chosen is not None else ""


def _has_changed(core: Core) -> bool:
    """Whether anything was done, or may have been, that could be taken back."""
    begun = (TaskState.DONE, TaskState.FAILED, TaskState.UNKNOWN, TaskState.RUNNING)
    return any(s.effect in begun and is_writing(s.task) for s in core.state.tasks.values())


def _check_point_of_no_return(core: Core, wanted: Wanted, level: RollbackLevel, to: str) -> None:
    """Halt instead of undoing by itself what came after something that cannot be undone."""
    since = next((e.seq for e in core.state.effects if e.body["id"] == to and to), 0)
    for standing in core.state.tasks.values():
        task = standing.task
        if task.irreversible and standing.effect is TaskState.DONE and standing.done_seq > since:
            text = f"{wanted.why}; {task.id} cannot be undone ({task.irreversible}), so nothing is taken back by itself"
            core.tell_people(f"halt:{core.state.seq}", "breach", text)
            raise Stop(RunStatus.STOPPED, text, hint="a person decides: lockgate rollback --list", exit_code=4)


def _ask_for_data(core: Core, wanted: Wanted, to: str) -> None:
    """Restoring loses what was written since the backup: it is preauthorised, or a person says so now."""
    if RollbackLevel.DATA in core.lock.runbook.preauthorised:
        return
    if _is_data_worded(core):
        return
    loss = core.world.loss_window(RollbackLevel.DATA, to)
    core.tell_people(f"data:{core.state.seq}", "breach", f"{wanted.why}; restoring would lose: {loss}")
    core.wait(
        "data",
        "data",
        f"{wanted.why}; restoring {to or 'the newest backup'} would lose: {loss}; a person must say so",
        is_over=lambda: _is_data_worded(core),
        hint=core.command("resolve", 'data --as restore --reason "…"'),
    )


def _is_data_worded(core: Core) -> bool:
    """Whether a person said, about what is wrong now, that data may be restored."""
    for entry in reversed(core.record.entries):
        if entry.type in (EntryType.PHASE_ENDED, EntryType.ROLLBACK_ENDED):
            return False
        if entry.type is EntryType.GATE and entry.body["decision"] == "open":
            return False
        is_word = entry.type is EntryType.DECIDED and not entry.body.get("refused")
        if is_word and (entry.body["what"], entry.body["subject"]) == ("approve", "data"):
            return True
    return False


def _take(core: Core, wanted: Wanted, level: RollbackLevel, to: str, *, is_last: bool) -> Done | None:
    core.write(
        EntryType.ROLLBACK_STARTED,
        {
            "level": level.value,
            "to": _named(level, to),
            "why": wanted.why,
            "failure_class": wanted.failure_class.value,
            "loss_window": core.world.loss_window(level, to) if level is RollbackLevel.DATA else "",
            "tasks": _taken_back(core, level, to),
        },
    )
    core.options.tell(f"going back ({level.value}){f' to {to}' if to else ''}: {wanted.why}")
    try:
        done = _call(core, wanted, level, _named(level, to))
    except RefusedError as error:
        core.refusal = f"nothing was taken back: {error}"
        core.write(EntryType.ROLLBACK_ENDED, {"level": level.value, "state": "refused", "message": str(error)})
        return None
    _write_end(core, level, done, is_last=is_last)
    return done


def _named(level: RollbackLevel, to: str) -> str:
    """Return what the level is told: of code all commits of the run are meant, whichever was the first."""
    return "" if level is RollbackLevel.CODE else to


def _call(core: Core, wanted: Wanted, level: RollbackLevel, to: str) -> Done:
    task = Task(id="rollback", title=f"go back ({level.value})")
    is_said = level is RollbackLevel.DATA or level in core.lock.runbook.preauthorised
    ask = LevelAsk(level, to, wanted.why, wanted.failure_class, is_preauthorised=is_said)
    core.is_going_back = True
    try:
        return core.world.take_back(ask, core.context(task))
    except RefusedError:
        raise
    except InDoubtError as error:
        return Done(TaskState.UNKNOWN, str(error))
    except LockgateError as error:
        return Done(TaskState.FAILED, str(error))
    finally:
        core.is_going_back = False


def _write_end(core: Core, level: RollbackLevel, done: Done, *, is_last: bool = True) -> None:
    known = done.state if done.state in (TaskState.DONE, TaskState.FAILED) else TaskState.UNKNOWN
    core.write(
        EntryType.ROLLBACK_ENDED,
        {
            "level": level.value,
            "state": known.value,
            "message": done.message,
            "evidence": done.evidence,
            "is_last": is_last,
        },
    )


def _taken_back(core: Core, level: RollbackLevel, to: str) -> list[str]:
    """Return the tasks whose effect a level undoes: those on the target since the point gone back to."""
    since = next((e.seq for e in core.state.effects if to and e.body["id"] == to), 0)
    kinds = ("git",) if level is RollbackLevel.CODE else tuple(ON_TARGET)
    found = [s for s in core.state.tasks.values() if kind_of(s.task) in kinds and s.started_seq > since]
    return [s.task.id for s in found if s.effect is not TaskState.PENDING]
