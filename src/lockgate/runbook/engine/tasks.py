"""One task on its way to its end: done and verified, or left out by a person; nothing else lets the next one begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from lockgate.gate.base import title_of
from lockgate.model.outcome import CheckResult, FailureClass, Outcome, Waiver, worst_of
from lockgate.model.procedure import EntryType, RunStatus, TaskState
from lockgate.model.procedure_state import TaskStanding
from lockgate.model.runbook import OnError, Rerun, Task
from lockgate.runbook.base import Done
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.options import Stop
from lockgate.runbook.engine.perform import probe, run_with_retries, write_end
from lockgate.runbook.engine.rerun import kind_of, rerun_of
from lockgate.runbook.engine.undo import answer_failure, in_doubt
from lockgate.runbook.engine.words import ask_with_words, say_closed, tell_closed
from lockgate.runbook.lock import Lock, changed_files, files_of

_LEFT_OUT = (TaskState.SKIPPED, TaskState.DEFERRED)


@dataclass
class Seen:
    """What this process did itself: tasks it ran, tasks whose checks it asked."""

    ran: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def forget(self, task: str) -> None:
        """Treat a task as untouched again, after a person's word."""
        self.ran.discard(task)
        self.asked.discard(task)


def bring(core: Core, task: Task, seen: Seen) -> None:
    """Bring one task to its end.

    Raises:
        Stop: It did not come to it, and nothing after it may begin.
    """
    while True:
        core.admit()
        standing = core.state.tasks[task.id]
        if standing.effect in _LEFT_OUT:
            return
        if standing.effect is TaskState.DONE and _is_verified(core, standing, seen):
            return
        if task.id in seen.ran and standing.effect is not TaskState.PENDING:
            if not _is_asked(core, task):
                answer_failure(core, task)
            seen.forget(task.id)
        elif _may_run(core, standing) and _is_ready(core, task):
            seen.ran.add(task.id)
            seen.asked.discard(task.id)
            run_with_retries(core, task)


def look_up_begun(core: Core, tasks: Iterable[Task], *, is_going_back: bool = False) -> None:
    """Find out about tasks that were cut short before anything else is asked: what they left would answer for others.

    A task that did nothing is run again, unless the run is ``is_going_back``: then it failed.
    """
    for task in tasks:
        standing = core.state.tasks[task.id]
        is_open = standing.effect in (TaskState.RUNNING, TaskState.UNKNOWN) and not standing.is_reverting
        if not is_open or rerun_of(task) is not Rerun.PROBE:
            continue
        found = probe(core, task)
        if found is TaskState.DONE:
            write_end(core, task, Done(TaskState.DONE, "already done (looked up)"))
        elif found is TaskState.PENDING and is_going_back:
            write_end(core, task, Done(TaskState.FAILED, "cut short before it did anything (looked up)"))


def accepted_lock(core: Core) -> Lock:
    """Return the lock with the digests of files that were mended at a gate that allows it."""
    mended = {
        str(e.body["path"]): str(e.body["sha256"])
        for e in core.record.entries
        if e.type is EntryType.DEVIATION and e.body.get("what") == "plan_changed" and e.body.get("path")
    }
    return msgspec.structs.replace(core.lock, files={**core.lock.files, **mended}) if mended else core.lock


def _is_verified(core: Core, standing: TaskStanding, seen: Seen) -> bool:
    """Ask a done task's checks, unless this process did already."""
    task = standing.task
    if task.verify and (task.id not in seen.asked or standing.verified is None):
        if standing.verified is not None:
            core.options.tell(f"{task.id}: already done; its checks are asked again")
        place = f"{task.id}/verify"
        if core.options.is_verifying:
            output = core.outputs.get(task.id)
            results = ask_with_words(core, place, task.verify, task=task.id, output=output)
        else:
            results = _left_out(core, place, task)
        core.write(EntryType.CHECKED, {"place": place, "results": results}, task=task.id)
        seen.asked.add(task.id)
        core.results[task.id] = results
        tell_closed(core, results)
    return core.state.tasks[task.id].state is TaskState.DONE


def _left_out(core: Core, place: str, task: Task) -> tuple[CheckResult, ...]:
    """Return the checks that ``--no-verify`` leaves out as waived by whoever said so."""
    actor, at = core.options.actor or "the starter of the run", core.stamp()
    return tuple(
        CheckResult(
            check=f"{place}/{number}",
            kind=str(type(check).__struct_config__.tag),
            title=check.title or title_of(check),
            outcome=Outcome.WAIVED,
            expected="an answer",
            found="not asked: --no-verify",
            failure_class=FailureClass.PROCESS,
            at=at,
            waiver=Waiver(f"{place}/{number}", actor, "", "--no-verify", "", at),
        )
        for number, check in enumerate(task.verify, 1)
    )


def _may_run(core: Core, standing: TaskStanding) -> bool:
    """Whether the task is to be run now; False after looking found it done.

    Raises:
        Stop: It may have run, and must not run again before a person looked.
    """
    task, how = standing.task, rerun_of(standing.task)
    if standing.effect in (TaskState.PENDING, TaskState.REVERTED):
        return True
    if standing.is_reverting:
        write_end(core, task, Done(TaskState.UNKNOWN, "its way back was begun and its end is not in the journal"))
        raise in_doubt(core, task)
    if how is Rerun.SAFE:
        return True
    if standing.effect is TaskState.DONE:
        answer_failure(core, task)
    if how is Rerun.PROBE:
        return _is_undone(core, standing)
    if standing.effect is TaskState.FAILED:
        raise Stop(
            RunStatus.STOPPED,
            f"task {task.id} failed before and does not run again by itself: {standing.message}",
            hint=core.command("retry", f'{task.id} --reason "…"'),
            exit_code=6,
        )
    if standing.effect is TaskState.RUNNING:
        write_end(core, task, Done(TaskState.UNKNOWN, "it was begun and its end is not in the journal"))
    raise in_doubt(core, task)


def _is_undone(core: Core, standing: TaskStanding) -> bool:
    """Look whether a task was done; write it down when it was."""
    task, found = standing.task, probe(core, standing.task)
    if found is TaskState.DONE:
        write_end(core, task, Done(TaskState.DONE, "already done (looked up)"))
        return False
    if found is TaskState.PENDING:
        core.options.tell(f"{task.id}: was begun and did nothing (looked up); it runs again")
        return True
    if standing.effect is not TaskState.UNKNOWN:
        write_end(core, task, Done(TaskState.UNKNOWN, "looking did not tell whether it was done"))
    raise in_doubt(core, task)


def _is_ready(core: Core, task: Task) -> bool:
    """Ask what must hold before, and wait for a person where the task is one's; False when that settled the task."""
    before = core.state.tasks[task.id].effect
    _check_needs(core, task)
    _check_files(core, task)
    if task.before:
        results = ask_with_words(core, f"{task.id}/before", task.before, task=task.id)
        core.write(EntryType.CHECKED, {"place": f"{task.id}/before", "results": results}, task=task.id)
        if not worst_of(r.outcome for r in results).opens:
            tell_closed(core, results)
            raise Stop(RunStatus.STOPPED, f"task {task.id} was not begun: {say_closed(results)}", hint=core.resume)
    if kind_of(task) == "manual":
        roles = " or ".join(getattr(task.do, "roles", ()))
        core.wait(
            "attestation",
            task.id,
            f"task {task.id} ({task.title}) must be done and attested{f' by {roles}' if roles else ''}",
            is_over=lambda: _is_said(core, task),
            hint=core.command("attest", f'{task.id} --reason "…"'),
        )
    core.look()
    return core.state.tasks[task.id].effect is before


def _is_said(core: Core, task: Task) -> bool:
    """Whether a person of the right role said, since the last attempt, that the task is done, or left it out."""
    standing = core.state.tasks[task.id]
    if standing.effect in (*_LEFT_OUT, TaskState.DONE):
        return True
    word = core.state.decision("attest", task.id, standing.started_seq)
    roles = getattr(task.do, "roles", ())
    return word is not None and (not roles or word.body.get("role") in roles)


def _check_needs(core: Core, task: Task) -> None:
    missing = [name for name in task.needs if not _is_met(core, name)]
    if missing:
        raise Stop(
            RunStatus.STOPPED,
            f"task {task.id} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not done",
            hint=core.command("defer", f'{task.id} --reason "…"'),
        )


def _is_met(core: Core, name: str) -> bool:
    standing = core.state.tasks.get(name)
    return standing.state is TaskState.DONE if standing is not None else core.state.phases.get(name) == "ok"


def _check_files(core: Core, task: Task) -> None:
    """Refuse to run what is not what was locked."""
    named = {str(Path(path)) for path in files_of(task, core.options.folder)} | {str(getattr(task.do, "plan", ""))}
    hit = sorted(named & set(changed_files(accepted_lock(core))))
    if hit:
        raise Stop(
            RunStatus.STOPPED,
            f"task {task.id} would run {', '.join(hit)}, which changed since the runbook was locked",
            hint="put the file back, or start a new run of the runbook as it is now",
            exit_code=9,
        )


def _is_asked(core: Core, task: Task) -> bool:
    """For ``on_error: ask``: wait for a person's word on a failed task; False where none is asked for."""
    standing = core.state.tasks[task.id]
    if task.on_error is not OnError.ASK or standing.state is not TaskState.FAILED:
        return False
    since, words = core.state.seq, ("retry", "skip", "defer", "done")
    core.wait(
        "decision",
        task.id,
        f"task {task.id} failed and a person decides: {standing.message}",
        is_over=lambda: any(core.state.decision(what, task.id, since) is not None for what in words),
        hint=core.command("retry", f'{task.id} --reason "…" (or skip, defer)'),
    )
    return True
