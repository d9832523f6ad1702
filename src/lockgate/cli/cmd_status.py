"""``lockgate status``: where things stand, in less than ten lines, and the next command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.workflow.status import Status


@make_command("status", "Tell where things stand and which command is next.")
def command(face: Face) -> int:
    """Reads only, and writes nothing: not even Lockgate's own tables."""
    target = face.target
    from lockgate.workflow.status import read_status

    status = read_status(face.engine, target.target)
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(status))
    else:
        face.show(_text(status, target.is_protected))
    return 7 if status.unfinished is not None and status.unfinished.state.value == "in_doubt" else 0


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


def _text(status: Status, is_protected: bool) -> str:
    protected = ", protected" if is_protected else ""
    lines = [
        f"target:      {status.target} ({status.engine} {status.server_version}{protected}), {status.tables} tables"
    ]
    if status.holder:
        lines.append(f"running now: {status.holder}")
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
