"""The actions that need nothing but this machine and people: ``sh``, ``wait`` and ``manual``."""

from __future__ import annotations

import time
from collections.abc import Mapping

from lockgate.model.actions import Manual, Sh, Wait
from lockgate.model.outcome import FailureClass
from lockgate.model.procedure import EntryType, TaskState
from lockgate.outside.shell import run_shell
from lockgate.runbook.base import Done, Perform, Probe, TaskContext
from lockgate.runbook.durations import parse_seconds, show_seconds

_TAIL_LINES = 3


def perform_sh(action: Sh, context: TaskContext) -> Done:
    """Run a command; its exit code decides, its output is evidence. One that we ended is failed, not unknown."""
    if context.is_dry_run:
        where = f" in {action.cwd}" if action.cwd else ""
        return Done(TaskState.DONE, f"would run{where}: {action.command}")
    result = run_shell(
        action.command,
        folder=context.folder / action.cwd if action.cwd else context.folder,
        environment=context.environment,
        timeout_s=context.timeout_s,
        is_stopped=context.is_stopped,
    )
    evidence = (context.keep(f"{context.task.id}-output.txt", result.output.encode()),) if result.output else ()
    if result.is_ok:
        return Done(TaskState.DONE, f"ended with 0 after {show_seconds(result.duration_s)}", evidence, result)
    end = result.error or f"ended with {result.code}"
    said = " / ".join(line.strip() for line in result.output.strip().splitlines()[-_TAIL_LINES:])
    message = f"{end}{f': {said[:300]}' if said else ''}"
    return Done(TaskState.FAILED, message, evidence, result, FailureClass.CODE)


def perform_wait(action: Wait, context: TaskContext) -> Done:
    """Let time pass with monitors armed."""
    seconds = parse_seconds(action.duration, f"task {context.task.id}")
    if context.is_dry_run:
        return Done(TaskState.DONE, f"would wait {show_seconds(seconds)}")
    context.tell(f"waiting {show_seconds(seconds)} with monitors armed")
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if context.is_stopped():
            return Done(TaskState.FAILED, f"the wait was ended with {show_seconds(left)} left")
        time.sleep(min(0.2, left))
    return Done(TaskState.DONE, f"waited {show_seconds(seconds)}")


def perform_manual(action: Manual, context: TaskContext) -> Done:
    """Take a person's word that the task is done; without one it is not."""
    if context.is_dry_run:
        who = " or ".join(action.roles) or "a person"
        return Done(TaskState.DONE, f"would wait for {who} to attest: {action.text}")
    for entry in reversed(context.entries):
        body = entry.body
        is_word = entry.type is EntryType.DECIDED and not body.get("refused")
        if is_word and (body["what"], body["subject"]) == ("attest", context.task.id):
            role = f" ({body['role']})" if body.get("role") else ""
            return Done(TaskState.DONE, f"attested by {body['by']}{role}: {body.get('reason', '')}")
    return Done(TaskState.FAILED, "nobody attested it")


PERFORM: Mapping[str, Perform] = {"sh": perform_sh, "wait": perform_wait, "manual": perform_manual}
PROBE: Mapping[str, Probe] = {}
