"""The task ``http``: send one request; any other status than the expected one fails."""

from __future__ import annotations

import json

from lockgate.model.actions import Http
from lockgate.model.outcome import FailureClass
from lockgate.model.procedure import TaskState
from lockgate.outside.http import send_request
from lockgate.runbook.actions.common import done, failed, would
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.target import TargetTools

_MOST_S = 300.0
_READING = ("GET", "HEAD", "OPTIONS")


def perform(tools: TargetTools, action: Http, context: TaskContext) -> Done:
    """Send the request; without any answer a request that may have changed something is in doubt."""
    if context.is_dry_run:
        return would(f"send {action.method} {action.url}")
    answer = send_request(
        action.url,
        method=action.method,
        body=action.body.encode(),
        headers=action.headers,
        timeout_s=min(context.timeout_s, _MOST_S),
    )
    text = json.dumps({"url": answer.url, "status": answer.status, "error": answer.error, "body": answer.body})
    kept = context.keep(f"{context.task.id}-answer.json", text.encode())
    if answer.status == action.status:
        return done(f"{action.method} {action.url}: {answer.status} in {answer.duration_s:.2f} s", kept)
    if not answer.status and action.method.upper() not in _READING:
        return Done(TaskState.UNKNOWN, f"{action.method} {action.url}: no answer: {answer.error}", (kept,))
    found = answer.status or f"no answer: {answer.error}"
    return failed(f"{action.method} {action.url}: {found}, expected {action.status}", FailureClass.SERVICE, kept)
