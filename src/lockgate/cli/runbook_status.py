"""``lockgate runbook status``: where a run stands, what it waits for, and the next command."""

from __future__ import annotations

from typing import Any

import click

from lockgate.cli.face import Face, make_command


@make_command("status", "Show where a run stands and the next command.", is_target_configured=False)
@click.argument("run_id", metavar="[RUN]", default="latest")
def command(face: Face, run_id: str) -> int:
    """Folded from the run's journal; nothing is run and no database is opened."""
    from lockgate.runbook.engine.inbox import attestable
    from lockgate.runbook.runs import find_folder, open_run

    known = open_run(find_folder(face.settings.state_dir, run_id))
    state = known.state
    waiting = state.waiting.body if state.waiting is not None else {}
    table: dict[str, Any] = {
        "run": known.id,
        "runbook": known.lock.runbook.runbook,
        "target": known.lock.target,
        "digest": known.lock.digest,
        "tool_version": known.lock.tool_version,
        "status": state.status.value,
        "message": str(state.ended.body.get("message", "")) if state.ended is not None else "",
        "waiting": {key: waiting.get(key, "") for key in ("reason", "subject", "until")} if waiting else None,
        "tasks": [
            {
                "task": s.task.id,
                "title": s.task.title,
                "state": s.state.value,
                "attempts": s.attempts,
                "message": s.message,
            }
            for s in state.tasks.values()
        ],
        "gates": {gate.id: state.gates.get(gate.id, "not asked") for gate in known.lock.runbook.gates},
        "attestable": sorted(attestable(state)),
        "missing": list(state.unfinished),
        "next": _next(known.id, state.status.is_over),
    }
    if face.output_format == "json":
        face.show_json({"format_version": 1, **table})
        return 0
    lines = [f"run {known.id} on {known.lock.target}: {table['status']}"]
    if table["message"]:
        lines.append(f"  {table['message']}")
    if waiting:
        lines.append(f"  waiting for {waiting.get('reason')}: {waiting.get('subject')}")
    lines += [f"  {t['task']}  {t['state']}  {t['title']}{_also(t)}" for t in table["tasks"]]
    lines += [f"  gate {name}: {decision}" for name, decision in table["gates"].items()]
    lines.append(f"next: {table['next']}")
    face.show("\n".join(lines))
    return 0


def _also(task: dict[str, Any]) -> str:
    again = f" ({task['attempts'] - 1} previous attempts)" if task["attempts"] > 1 else ""
    return f"{again}{': ' + task['message'] if task['state'] in ('failed', 'unknown') and task['message'] else ''}"


def _next(run: str, is_over: bool) -> str:
    return f"lockgate report build {run}" if is_over else f"lockgate runbook resume {run}"
