"""The task ``baseline``: run a check command once and keep what fails already, by test id, under a name."""

from __future__ import annotations

from datetime import UTC, datetime

from lockgate.gate.baseline.findings import Baseline as Kept
from lockgate.gate.baseline.look import baseline_of, look
from lockgate.model import codec
from lockgate.model.actions import Baseline
from lockgate.model.outcome import FailureClass
from lockgate.model.procedure import TaskState
from lockgate.outside.redact import redact
from lockgate.runbook.actions.common import would
from lockgate.runbook.base import Done, Effect, TaskContext


def perform(tools: object, action: Baseline, context: TaskContext) -> Done:
    """Run the command; that it fails is what is kept. What cannot be read as findings is no baseline."""
    if context.is_dry_run:
        return would(f"run {action.command} and keep its failures as the baseline {action.name}")
    looked = look(
        action.command,
        action.parser,
        folder=context.folder,
        environment=context.environment,
        is_stopped=context.is_stopped,
        timeout_s=context.timeout_s,
    )
    output = redact(looked.result.output).encode()
    evidence = (context.keep(f"baseline-{action.name}-output.txt", output),) if output else ()
    if looked.problem:
        return Done(
            TaskState.FAILED,
            f"no baseline: {looked.problem}",
            evidence,
            looked.result,
            FailureClass.PROCESS,
        )
    at = datetime.now(UTC).isoformat(timespec="seconds")
    kept = baseline_of(action.command, action.name, looked, at)
    stored = context.keep(f"baseline-{action.name}.json", codec.encode(kept))
    facts = {
        "command": action.command,
        "path": stored.path,
        "sha256": stored.sha256,
        "counts": {"failed": kept.total, "tests": kept.ran, "skipped": len(kept.skipped)},
        "parser": kept.parser,
        "code": kept.code,
    }
    context.effect(Effect("baseline", action.name, facts))
    return Done(TaskState.DONE, describe_baseline(kept), (stored, *evidence), looked.result)


def describe_baseline(kept: Kept) -> str:
    """Return a baseline in one line."""
    ran = f", {kept.ran} tests ran" if kept.ran else ""
    if kept.parser == "exit" and kept.code:
        return f"baseline {kept.name}: exit code {kept.code}; single failures cannot be told apart in this output"
    return f"baseline {kept.name}: {kept.total} known failures{ran} ({kept.parser})"
