"""Does one action: written before it begins and after it ends, everything it may raise told as a state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lockgate.errors import ConnectionLost, InDoubtError, Interrupted, LockgateError
from lockgate.model.actions import Manual
from lockgate.model.procedure import EntryType, TaskState
from lockgate.model.runbook import Rerun, Task
from lockgate.runbook.base import Done
from lockgate.runbook.durations import estimate_seconds, parse_seconds
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.log_places import checks_of_task, log_places
from lockgate.runbook.engine.rerun import kind_of, rerun_of
from lockgate.runbook.variables import fill

_ENDS = (TaskState.DONE, TaskState.FAILED, TaskState.UNKNOWN)
_WORDS = {TaskState.DONE: "done", TaskState.FAILED: "FAILED", TaskState.REVERTED: "taken back"}


def run_with_retries(core: Core, task: Task) -> None:
    """Run a task; again only where its author or its kind says that this is safe, and never after an unknown end."""
    left = task.retries if rerun_of(task) is Rerun.SAFE else 0
    while True:
        done = _run_once(core, task)
        if done.state is not TaskState.FAILED or left <= 0 or core.options.wish.is_stop:
            return
        core.look()
        left -= 1
        text = f"{task.id} is tried again after: {done.message}"
        core.write(EntryType.DEVIATION, {"what": "retry", "text": text}, task=task.id)


def run_revert(core: Core, task: Task) -> Done:
    """Run a task's own way back; it is never interrupted."""
    assert task.revert is not None
    _begin(core, task, task.revert, f"the way back of: {task.title}", is_revert=True)
    began, core.is_going_back = core.options.clock(), True
    try:
        done = perform(core, task, task.revert)
    finally:
        core.is_going_back = False
    state = TaskState.REVERTED if done.state is TaskState.DONE else done.state
    write_end(core, task, replace(done, state=state), core.options.clock() - began)
    return done


def probe(core: Core, task: Task) -> TaskState:
    """Look whether a task that was cut short was done: DONE, PENDING or UNKNOWN."""
    look = core.world.probe.get(kind_of(task))
    if look is None or task.do is None:
        return TaskState.UNKNOWN
    try:
        action = fill(task.do, core.options.values)
        found = look(action, core.context(task, action=action))
    except LockgateError as error:
        core.options.tell(f"{task.id}: looking failed: {error}")
        return TaskState.UNKNOWN
    return found if found in (TaskState.DONE, TaskState.PENDING) else TaskState.UNKNOWN


def perform(core: Core, task: Task, action: Any) -> Done:
    """Do an action; whatever it raises is a state, and what cannot be told is unknown."""
    kind = str(type(action).__struct_config__.tag)
    do = core.world.perform.get(kind)
    if do is None:
        return Done(TaskState.FAILED, f"nothing here can do a task of kind {kind}")
    try:
        filled = fill(action, core.options.values)
        done = do(filled, core.context(task, timeout_s=parse_seconds(task.timeout), action=filled))
    except (InDoubtError, ConnectionLost) as error:
        return Done(TaskState.UNKNOWN, str(error))
    except Interrupted as error:
        core.options.wish.count = max(1, core.options.wish.count)
        core.options.wish.exit_code = error.exit_code
        return Done(TaskState.FAILED, f"stopped on request: {error}")
    except LockgateError as error:
        return Done(TaskState.FAILED, str(error))
    return done if done.state in _ENDS else replace(done, state=TaskState.UNKNOWN)


def write_end(core: Core, task: Task, done: Done, duration_s: float = 0.0) -> None:
    """Write how an action ended."""
    core.write(
        EntryType.TASK_ENDED,
        {
            "state": done.state.value,
            "message": done.message,
            "duration_s": round(duration_s, 3),
            "failure_class": done.failure_class.value if done.state in (TaskState.FAILED, TaskState.UNKNOWN) else "",
            "evidence": done.evidence,
        },
        task=task.id,
    )
    core.options.tell(f"{task.id} {_WORDS.get(done.state, 'UNKNOWN')}{f': {done.message}' if done.message else ''}")


def _run_once(core: Core, task: Task) -> Done:
    action = task.do if task.do is not None else Manual(text=task.title)
    _begin(core, task, action, task.title)
    began = core.options.clock()
    done = perform(core, task, action)
    core.world.watcher.mark(f"{task.id} ends")
    core.refresh()
    if done.output is not None:
        core.outputs[task.id] = done.output
    write_end(core, task, done, core.options.clock() - began)
    if done.state is TaskState.UNKNOWN and rerun_of(task) is Rerun.PROBE:
        found = probe(core, task)
        if found is TaskState.DONE:
            write_end(core, task, Done(TaskState.DONE, f"done (looked up after: {done.message})"))
        elif found is TaskState.PENDING:
            write_end(core, task, Done(TaskState.FAILED, f"did nothing (looked up after: {done.message})"))
    return done


def _begin(core: Core, task: Task, action: Any, title: str, *, is_revert: bool = False) -> None:
    body = {
        "action": str(type(action).__struct_config__.tag),
        "title": title,
        "attempt": core.state.tasks[task.id].attempts + (0 if is_revert else 1),
        "estimate_s": estimate_seconds(task.estimate),
        **log_places(core, "task", checks_of_task(task)),
    }
    core.write(EntryType.TASK_STARTED, {**body, "is_revert": True} if is_revert else body, task=task.id)
    core.options.tell(f"{task.id} {title}")
    core.world.watcher.mark(f"{task.id} begins")
