"""``lockgate backup prune``: take away what no rule keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import open_repository, size_text
from lockgate.cli.confirm import confirm_write
from lockgate.cli.face import Face, make_command

if TYPE_CHECKING:
    from lockgate.backup.prune import Pruned


@make_command("prune", "Take away what no rule keeps, a day later for good.")
@click.option("--dry-run", is_flag=True, help="Print each backup with the rules that keep it, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--confirm", metavar="NAME", help="The protected target's name, in place of the question.")
@click.option("--more-than-half", is_flag=True, help="Also when more than half of the backups would go.")
def command(face: Face, dry_run: bool, yes: bool, confirm: str | None, more_than_half: bool) -> int:
    """The rules are [backup.keep] in lockgate.toml. Kept besides: what is pinned, the newest that was verified, what a
    checkpoint or a run that is not closed needs, and what those need. What goes is moved to .trash first, where
    `lockgate backup pin` brings it back from, and deleted a day later. Exit code 4 when something speaks against it."""
    from lockgate.backup.prune import refuse_objection
    from lockgate.workflow.prune_backups import prune_backups, read_needed

    target, repository = face.target, open_repository(face)
    needed = read_needed(face.engine, target.target, repository)
    keep = target.backup.keep
    pruned = prune_backups(repository, keep, needed, is_dry_run=True, is_most_allowed=more_than_half)
    if not dry_run:
        refuse_objection(pruned)
        if pruned.trashed or pruned.deleted:
            confirm_write(target, f"prune {len(pruned.trashed)} and delete {len(pruned.deleted)} backups", yes, confirm)
            pruned = prune_backups(repository, keep, needed, is_most_allowed=more_than_half)
            refuse_objection(pruned)
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(pruned, target=target.name, is_dry_run=dry_run))
    else:
        face.show(_text(pruned, dry_run))
    return 4 if pruned.objection else 0


def _text(pruned: Pruned, is_dry_run: bool) -> str:
    lines = [f"keep    {item.id}  {', '.join(item.rules) or 'no rule'}" for item in pruned.kept]
    moved, deleted = ("would go", "would be deleted") if is_dry_run else ("to .trash", "deleted")
    lines += [f"{moved}  {backup_id}  no rule keeps it" for backup_id in pruned.trashed]
    lines += [f"{deleted}  {backup_id}  pruned more than a day ago" for backup_id in pruned.deleted]
    lines += [
        f"waits   {backup_id}  in .trash; lockgate backup pin {backup_id} brings it back"
        for backup_id in pruned.waiting
    ]
    lines += [f"alone   {name}  no backup of ours that can be read" for name in pruned.untouched]
    if pruned.objection:
        lines.append(f"nothing would be pruned: {pruned.objection}")
    elif pruned.trashed:
        lines.append(f"{size_text(pruned.freed_bytes)} in {len(pruned.trashed)} backups, deleted for good a day later")
    return "\n".join(lines) or "there are no backups"
