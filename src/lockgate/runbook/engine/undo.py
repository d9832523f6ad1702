"""What a failed task leads to: nothing more, its own way back, or those of its phase, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.model.outcome import CheckResult, FailureClass, Outcome, allowed_level
from lockgate.model.procedure import RunStatus, TaskState
from lockgate.model.runbook import OnError, OnFail, Task
from lockgate.runbook.engine.back import Wanted, go_back, has_way_back
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.options import Stop
from lockgate.runbook.engine.perform import run_revert
from lockgate.runbook.engine.rerun import is_writing
from lockgate.runbook.engine.words import say_closed


def answer_failure(core: Core, task: Task) -> None:
    """Do what a task's ``on_error`` says after it failed; always ends the run here.

    Raises:
        Stop: Always.
    """
    standing = core.state.tasks[task.id]
    if standing.effect is TaskState.UNKNOWN or standing.effect is TaskState.RUNNING:
        core.tell_people(f"unknown:{core.state.seq}", "during", f"task {task.id}: nobody knows whether it was done")
        raise in_doubt(core, task)
    if standing.state is TaskState.UNKNOWN:
        raise Stop(
            RunStatus.STOPPED,
            f"task {task.id} is done, but whether its checks hold is not known",
            hint=core.resume,
        )
    words = _failure_words(core, task)
    core.tell_people(f"failed:{task.id}:{standing.attempts}", "during", words)
    if task.on_error is OnError.REVERT_TASK:
        _revert_all(core, (task,), words)
    if task.on_error is OnError.REVERT_PHASE and core.phase is not None:
        done = [t for t in core.phase.tasks if _has_effect(core, t)]
        done.sort(key=lambda t: core.state.tasks[t.id].started_seq, reverse=True)
        _revert_all(core, tuple(done), words)
    _go_back_by_gate(core, task, words)
    raise Stop(RunStatus.STOPPED, words, hint=core.command("retry", f'{task.id} --reason "…"'), exit_code=6)


def _failure_words(core: Core, task: Task) -> str:
    """Say what failed: the action itself, or what was asked after it."""
    standing = core.state.tasks[task.id]
    if standing.effect is TaskState.DONE:
        closed = say_closed(core.results.get(task.id, ()))
        return f"task {task.id} is done, but its checks do not hold{f': {closed}' if closed else ''}"
    return f"task {task.id} failed{f': {standing.message}' if standing.message else ''}"


def _go_back_by_gate(core: Core, task: Task, words: str) -> None:
    """Where the phase's gate takes back what fails, so does a task before it: the gate cannot open any more."""
    phase, standing = core.phase, core.state.tasks[task.id]
    if task.on_error is not OnError.STOP or phase is None or phase.gate is None:
        return
    if phase.gate.on_fail is not OnFail.ROLLBACK:
        return
    cap = phase.gate.level or phase.rollback
    if standing.effect is TaskState.FAILED:
        failure_class = FailureClass(standing.failure_class or "process")
        justified = failure_class.highest_level
        highest = min(justified, cap, key=lambda level: level.rank) if justified and cap else None
    else:
        failed = [r for r in core.results.get(task.id, ()) if r.outcome is Outcome.FAIL]
        highest = allowed_level(failed, cap)
        failure_class = worst_class(failed)
    if highest is not None and has_way_back(core, wanted := Wanted(words, failure_class, highest)):
        go_back(core, wanted, lambda: False)


def worst_class(failed: Sequence[CheckResult]) -> FailureClass:
    """Return the class of failure that justifies most."""
    classes = [result.failure_class for result in failed]
    return max(classes, key=lambda c: c.highest_level.rank if c.highest_level else 0, default=FailureClass.PROCESS)


def in_doubt(core: Core, task: Task) -> Stop:
    """Return the end of a run in which a task may or may not have been done."""
    return Stop(
        RunStatus.STOPPED,
        f"task {task.id} was begun and nobody knows whether it was done; it does not run again by itself",
        hint=core.command("resolve", f'{task.id} --as done|not_done --reason "…"'),
        exit_code=7,
    )


def _revert_all(core: Core, tasks: tuple[Task, ...], why: str) -> None:
    """Take tasks back one by one; stop where there is no way back, or where one fails.

    Raises:
        Stop: Always; the words say what was taken back and what was not.
    """
    taken: list[str] = []
    for task in tasks:
        if task.irreversible:
            raise _halt(core, task, why, taken, f"is irreversible ({task.irreversible})")
        if task.revert is None:
            if is_writing(task):
                raise _halt(core, task, why, taken, "has no way back")
            continue
        done = run_revert(core, task)
        if done.state is not TaskState.DONE:
            raise Stop(
                RunStatus.ROLLBACK_FAILED,
                f"{why}; taking {task.id} back {'failed' if done.state is TaskState.FAILED else 'has an unknown end'}:"
                f" {done.message}",
                hint=core.command("status", ""),
                exit_code=7,
            )
        taken.append(task.id)
    raise Stop(
        RunStatus.STOPPED,
        f"{why}; taken back: {', '.join(taken) or 'nothing had to be'}",
        hint=core.resume,
        exit_code=6,
    )


def _halt(core: Core, task: Task, why: str, taken: list[str], what: str) -> Stop:
    names = ", ".join(taken) or "nothing"
    text = f"{why}; {task.id} {what}, so nothing from there on was taken back (taken back: {names})"
    core.tell_people(f"halt:{core.state.seq}", "during", text)
    return Stop(RunStatus.STOPPED, text, hint=core.command("status", ""), exit_code=6)


def _has_effect(core: Core, task: Task) -> bool:
    return core.state.tasks[task.id].effect in (TaskState.DONE, TaskState.FAILED)
