"""``lockgate runbook list``: the runs of runbooks, the newest first."""

from __future__ import annotations

from lockgate.cli.face import Face, make_command


@make_command("list", "List the runs of runbooks, the newest first.", is_target_configured=False)
def command(face: Face) -> int:
    """Where each stands is folded from its journal."""
    from lockgate.runbook.runs import list_runs

    rows = [
        {
            "run": known.id,
            "runbook": known.lock.runbook.runbook,
            "target": known.lock.target,
            "status": known.state.status.value,
            "started_at": known.state.started.ts if known.state.started is not None else "",
            "digest": known.lock.digest,
        }
        for known in reversed(list_runs(face.settings.state_dir))
    ]
    if face.output_format == "json":
        face.show_json({"format_version": 1, "runs": rows})
    elif not rows:
        face.show("no runbook was run here yet\nnext: lockgate runbook run RUNBOOK")
    else:
        face.show("\n".join(f"{r['run']}  {r['status']}  on {r['target']}, {r['started_at']}" for r in rows))
    return 0
