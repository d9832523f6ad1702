"""``lockgate status``: where things stand, in less than ten lines, and the next command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.workflow.status import Status


@make_command("status", "Tell where things stand and which command is next.")
def command(face: Face) -> int:
    """Reads only, and writes nothing: not even Lockgate's own tables."""
    target = face.target
    from lockgate.workflow.status import read_status

    status = read_status(face.engine, target.target)
    backup = _newest_backup(face)
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(status, newest_backup=backup))
    else:
        face.show(_text(status, target.is_protected, backup))
    return 7 if status.unfinished is not None and status.unfinished.state.value == "in_doubt" else 0


def _newest_backup(face: Face) -> dict[str, Any] | None:
    """Return the newest backup that can be restored; None when there is no repository."""
    from lockgate.cli.backups import open_repository, proven_text

    repository = open_repository(face)
    if not repository.published.is_dir():
        return None
    from lockgate.workflow.backup_status import list_known

    newest = next((known for known in list_known(repository) if known.is_whole), None)
    if newest is None:
        return {"backup": "", "begun_at": "", "age_s": None, "proven": ""}
    age = max((datetime.now(UTC) - newest.at).total_seconds(), 0.0)
    return {
        "backup": newest.manifest.id,
        "begun_at": newest.at.isoformat(timespec="seconds"),
        "age_s": round(age, 1),
        "proven": proven_text(newest.verifications),
    }


def _backup_line(backup: dict[str, Any]) -> str:
    if not backup["backup"]:
        return "backup:      none that can be restored, see lockgate backup status"
    from lockgate.backup.status_facts import span_text

    return f"backup:      {backup['backup']}, {span_text(backup['age_s'])} old, {backup['proven']}"


def _copy_lines(status: Status) -> list[str]:
    copy = status.copy
    if copy is None:
        return []
    from lockgate.execute.chunks import describe_rows
    from lockgate.store.progress import CopyState

    rows = describe_rows(copy.rows, CopyState(copy.total, copy.rate))
    lines = [f"copying:     {copy.table}: {rows}; last went on {copy.changed_at}"]
    if copy.held_by:
        lines.append(f"held back:   {copy.held_by}")
    return lines


def _text(status: Status, is_protected: bool, backup: dict[str, Any] | None) -> str:
    protected = ", protected" if is_protected else ""
    lines = [
        f"target:      {status.target} ({status.engine} {status.server_version}{protected}), {status.tables} tables"
    ]
    if status.holder:
        lines.append(f"running now: {status.holder}")
    if status.restoring:
        lines.append(
            f"unfinished:  restore {status.restoring}: go on with it or give it up (restore --resume, --abort)"
        )
    if status.unfinished is not None:
        run = status.unfinished
        lines.append(f"unfinished:  run {run.id} ({run.state.value}) since {run.changed_at}: {run.note or 'no note'}")
        lines.extend(_copy_lines(status))
    elif status.runs:
        run = status.runs[0]
        lines.append(f"last run:    {run.id} {run.state.value}, stage {run.stage}, {run.changed_at}")
    else:
        lines.append("last run:    none")
    if status.is_as_left is not None:
        lines.append(f"schema:      {'as the last run left it' if status.is_as_left else 'changed since the last run'}")
    if status.checkpoints:
        newest = status.checkpoints[0]
        lines.append(f"checkpoints: {len(status.checkpoints)}, newest {newest.id} of {newest.created_at}")
    if backup is not None:
        lines.append(_backup_line(backup))
    if status.parked:
        oldest = max(item.age_s for item in status.parked) / 86400
        lines.append(f"parked:      {len(status.parked)} objects, the oldest for {oldest:.1f} days")
    if status.owed:
        lines.append(f"owed:        {status.owed} things a rollback could not restore, see lockgate settle --list")
    if status.salvaged:
        lines.append(f"salvage:     {status.salvaged} values, see lockgate salvage list")
    if status.unmanaged:
        lines.append(f"not managed: {len(status.unmanaged)} objects, see lockgate inspect")
    lines.append(f"next:        {status.next_command or 'lockgate drift --desired SPEC'}")
    return "\n".join(lines)
