"""``lockgate backup prune``: take away what no rule keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import open_repository, size_text
from lockgate.cli.confirm import confirm_by_name, confirm_write
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import open_one

if TYPE_CHECKING:
    from lockgate.backup.prune import Pruned
    from lockgate.model.backup import Manifest


@make_command("prune", "Take away what no rule keeps, a day later for good.")
@click.option("--dry-run", is_flag=True, help="Print each backup with the rules that keep it, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--confirm", metavar="NAME", help="The target's name, in place of the question.")
@click.option("--more-than-half", is_flag=True, help="Also when more than half of the backups would go.")
@click.option("--store", "store_url", metavar="URL", help="Prune this store and not this machine; at once for good.")
def command(
    face: Face, dry_run: bool, yes: bool, confirm: str | None, more_than_half: bool, store_url: str | None
) -> int:
    """The rules are [backup.keep] in lockgate.toml. Kept besides: what is pinned, the newest that was verified, what a
    checkpoint or a run that is not closed needs, and what those need. What goes is moved to .trash first, where
    `lockgate backup pin` brings it back from, and deleted a day later. Exit code 4 when something speaks against it."""
    from lockgate.backup.prune import refuse_objection

    target = face.target
    prune = _pruner(face, store_url, more_than_half)
    pruned = prune(True)
    if not dry_run:
        refuse_objection(pruned)
        if pruned.trashed or pruned.deleted:
            action = f"prune {len(pruned.trashed)} and delete {len(pruned.deleted)} backups"
            if store_url:
                confirm_by_name(target, f"{action} from the store", confirm)
            else:
                confirm_write(target, action, yes, confirm)
            pruned = prune(False)
            refuse_objection(pruned)
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(pruned, target=target.name, is_dry_run=dry_run))
    else:
        face.show(_text(pruned, dry_run, bool(store_url)))
    return 4 if pruned.objection else 0


def _pruner(face: Face, store_url: str | None, is_most_allowed: bool) -> Callable[[bool], Pruned]:
    """Return a function that prunes what is meant; its argument says whether to only look."""
    from lockgate.workflow.prune_backups import prune_backups, read_needed

    repository, keep = open_repository(face), face.target.backup.keep

    def find_needed(manifests: Sequence[Manifest]) -> dict[str, str]:
        return read_needed(face.engine, face.target.target, manifests, timedelta(seconds=face.target.retention_s))

    if not store_url:
        needed = find_needed([backup.manifest for backup in repository.backups()])
        return lambda is_dry_run: prune_backups(
            repository, keep, needed, is_dry_run=is_dry_run, is_most_allowed=is_most_allowed
        )
    from lockgate.workflow.prune_store import prune_store

    store = open_one(face, store_url)
    return lambda is_dry_run: prune_store(
        repository, store, keep, find_needed, is_dry_run=is_dry_run, is_most_allowed=is_most_allowed
    )


def _text(pruned: Pruned, is_dry_run: bool, is_store: bool) -> str:
    lines = [f"keep    {item.id}  {', '.join(item.rules) or 'no rule'}" for item in pruned.kept]
    moved, deleted = ("would go", "would be deleted") if is_dry_run else ("to .trash", "deleted")
    why = "no rule keeps it" if is_store else "pruned more than a day ago"
    lines += [f"{moved}  {backup_id}  no rule keeps it" for backup_id in pruned.trashed]
    lines += [f"{deleted}  {backup_id}  {why}" for backup_id in pruned.deleted]
    lines += [
        f"waits   {backup_id}  in .trash; lockgate backup pin {backup_id} brings it back"
        for backup_id in pruned.waiting
    ]
    lines += [f"alone   {name}  no backup of ours that can be read" for name in pruned.untouched]
    if pruned.objection:
        lines.append(f"nothing would be pruned: {pruned.objection}")
    elif pruned.trashed or is_store:
        later = "" if is_store else ", deleted for good a day later"
        lines.append(f"{size_text(pruned.freed_bytes)} in {len(pruned.trashed or pruned.deleted)} backups{later}")
    return "\n".join(lines) or "there are no backups"
