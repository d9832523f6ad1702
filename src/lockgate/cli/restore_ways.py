"""What `lockgate restore` does besides restoring: go on, give up, undo, drop, list, and print what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.cli.confirm import confirm_loss
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.backup.repository import Repository
    from lockgate.cli.face import Face
    from lockgate.model.restore import RestoreResult
    from lockgate.workflow.restore_plan import RestoreOptions


def go_back(
    face: Face,
    repository: Repository,
    options: RestoreOptions,
    *,
    is_resume: bool,
    is_abort: bool,
    restore: str | None,
    confirm: str | None,
) -> int:
    """Go on with an unfinished restore, give it up, or undo a finished one."""
    if is_resume + is_abort + (restore is not None) > 1:
        raise ConfigError(
            "--resume, --abort and --undo exclude each other", where="lockgate restore", state="nothing was touched"
        )
    from lockgate.workflow import restore_back

    target = face.target
    verb = "go on with the restore" if is_resume else "give the restore up" if is_abort else "undo the restore"
    confirm_loss(target, verb, confirm)
    arguments = (face.engine, target.target, repository)
    if is_resume:
        result = restore_back.resume(*arguments, options, face.talk.say)
    elif is_abort:
        result = restore_back.abort(*arguments, options, face.talk.say)
    else:
        name = "" if restore == "latest" else str(restore)
        result = restore_back.undo(*arguments, name, options, face.talk.say)
    return show_result(face, result)


def drop(face: Face, repository: Repository, restore: str, confirm: str | None) -> int:
    """Drop what a restore kept, for good."""
    from lockgate.cli.result import document_of
    from lockgate.workflow.restore_back import drop_kept

    confirm_loss(face.target, f"drop what restore {restore} kept", confirm)
    item = drop_kept(face.engine, face.target.target, repository, restore)
    if face.output_format == "json":
        face.show_json(document_of(item))
    else:
        face.show(f"dropped what restore {item.id} kept; it cannot be undone any more")
    return 0


def show_list(face: Face, repository: Repository) -> int:
    """Print the restores of a target, the newest first."""
    from lockgate.backup.restores import RestoreLog
    from lockgate.cli.result import plain_of

    found = [item for item in RestoreLog(repository.root).list() if item.target == face.target.target.display]
    if face.output_format == "json":
        items = [plain_of(item) for item in found]
        face.show_json({"format_version": 1, "target": face.target.name, "restores": items})
        return 0
    lines = []
    for item in found:
        kept = {"done": item.kept, "undone": item.side}.get(item.phase.value, "")
        line = f"{item.id}  {item.started_at[:16]}  {item.phase.value:<13} {item.backup}"
        lines.append(line + (f"  keeps {kept}" if kept else f"  {item.problem}".rstrip()))
    face.show("\n".join(lines) or "nothing was restored yet")
    return 0


def show_result(face: Face, result: RestoreResult) -> int:
    """Print what a restore came to and what to run next."""
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(result))
        return 0
    lines = [f"restore {result.restore}: {result.state}: {result.message}"]
    if result.state == "done":
        lines.append(
            "verified: rows, checksums and schema equal the manifest" if result.is_verified else "NOT VERIFIED"
        )
    if result.load_s >= 0:
        lines.append(f"took {result.duration_s:.1f} s, {result.load_s:.1f} s of it to load")
    if result.kept:
        lines.append(f"the old database is kept as {result.kept}")
    if result.safety:
        lines.append(f"safety backup: {result.safety}")
    if result.app:
        lines.append(f"application: {result.app}")
    lines += [f"note: {note}" for note in result.notes]
    lines += [f"next: {command}" for command in result.next_commands]
    face.show("\n".join(lines))
    return 0
