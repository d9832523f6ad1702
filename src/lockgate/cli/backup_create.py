"""``lockgate backup create``: take a backup, and prove it when asked to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import byte_teller, identity_option, open_repository, pruned_text, read_identities, size_text
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import plain_copy, read_place
from lockgate.outside import redact

if TYPE_CHECKING:
    from lockgate.backup.prune import Pruned
    from lockgate.backup.repository import Backup, Repository
    from lockgate.workflow.store_backup import Copy

_FOUND, _REFUSED = 3, 4
_KINDS = ("full", "log", "tables", "mark", "schema", "auto")
_LEVELS = ("checksum", "readable", "restored", "rows", "schema")


@make_command("create", "Take a backup and publish it when it is whole.", has_scratch=True)
@click.option("--kind", type=click.Choice(_KINDS), default="full", help="What to take (full); see below.")
@click.option("--since", default="", metavar="BACKUP", help="The backup a log follows (the newest that can be).")
@click.option("--table", "tables", multiple=True, help="A table of a tables backup; repeatable.")
@click.option("--reason", default="manual", help="What it is taken for; stands in the manifest.")
@click.option(
    "--verify", "level", type=click.Choice(_LEVELS), help="Prove it at once as far as this (schema: all of it)."
)
@click.option("--dry-run", is_flag=True, help="Look for tools, rights and room; take nothing.")
@click.option("--moved", is_flag=True, help="The database moved: it is the one whose backups are there.")
@identity_option
def command(
    face: Face,
    kind: str,
    since: str,
    tables: tuple[str, ...],
    reason: str,
    level: str | None,
    dry_run: bool,
    moved: bool,
    identity: str | None,
) -> int:
    """The database is only read. Everything is of one moment; rows are counted and summed in that very moment. It is
    written under a temporary name and published by one rename, with a manifest, checksums and the stock commands that
    restore it. Then it is copied to the stores that are set. Exit code 6 when it failed (nothing is published then) or
    a copy is missing (it is published then, and says so), 3 when it was published and did not pass.

    Kinds: full; log (what the server logged since an earlier backup: small, and restored with it to this very moment);
    tables (the named ones with all that foreign keys connect, and the whole schema); mark (a place in the log, no
    rows); schema; auto (log where the server keeps it, else tables where some are named, else full)."""
    from lockgate.model.backup import BackupKind, Level
    from lockgate.workflow.back_up import back_up
    from lockgate.workflow.choose_backup import choose_backup

    target = face.target
    if dry_run:
        return _look_ahead(face)
    wanted = level or target.backup.verify
    identities = read_identities(face, identity)
    repository = open_repository(face)
    asked = None if kind == "auto" else BackupKind(kind)
    what = choose_backup(face.engine, target.target, repository, asked, since=since, table_names=tables)
    if what.why:
        face.talk.say(f"{what.kind.value}: {what.why}")
    made = back_up(
        face.engine,
        target.target,
        target.name,
        repository,
        target.backup,
        kind=what.kind,
        tables=what.tables,
        parent=what.parent,
        is_moved=moved,
        or_full=asked is None,
        reason=reason,
        level=Level(wanted) if wanted else None,
        identities=identities,
        tell=face.talk.say,
        on_bytes=byte_teller(face.talk.say),
    )
    is_good = made.verification is None or made.verification.is_passed
    copies = _store(face, repository, made.backup) if is_good else ()
    is_stored = all(copy.error is None for copy in copies)
    pruned = _prune(face, repository) if is_good and is_stored else None
    if face.output_format == "json":
        from lockgate.cli.result import document_of, plain_of

        proven = plain_of(made.verification) if made.verification else None
        face.show_json(
            document_of(
                made.backup.manifest,
                folder=str(made.backup.folder),
                verification=proven,
                pruned=plain_of(pruned) if pruned else None,
                copies=[plain_copy(copy) for copy in copies],
            )
        )
    else:
        manifest = made.backup.manifest
        rate = size_text(int(manifest.bytes_plain / max(manifest.duration_s, 0.001)))
        face.show(
            f"backup {manifest.id} of {target.name}: {size_text(manifest.bytes)} of {size_text(manifest.bytes_plain)}"
            f" in {manifest.duration_s:.1f} s ({rate} a second)\nin: {made.backup.folder}"
        )
        if made.verification is None:
            face.show(f"not proven yet: lockgate backup verify {manifest.id}")
        elif made.verification.is_passed:
            face.show(f"proven: {made.verification.asked.value}, in {made.verification.duration_s:.1f} s")
        else:
            face.show(f"NOT PROVEN: {made.verification.problem}\nit was moved to quarantine")
        for copy in copies:
            face.show(copy.line)
        if pruned is not None:
            face.show(pruned_text(pruned))
    if not is_good:
        return _FOUND
    if copies:
        from lockgate.workflow.store_backup import refuse_missing_copies

        refuse_missing_copies(made.backup, copies)
    return 0


def _look_ahead(face: Face) -> int:
    """Print what taking a backup would need and meet; 4 when something forbids it."""
    from lockgate.backup.room import free_bytes
    from lockgate.workflow.back_up import look_ahead

    found = look_ahead(face.engine, face.target.target, face.target.backup)
    root = open_repository(face).root
    free = free_bytes(root)
    problems = list(found.problems)
    if free < found.bytes:
        problems.append(f"{size_text(free)} are free in {root}, the database has about {size_text(found.bytes)}")
    if face.output_format == "json":
        tools = [{"name": tool.name, "version": tool.version} for tool in found.tools]
        face.show_json(
            {
                "format_version": 1, "target": face.target.name, "is_dry_run": True, "problems": problems,
                "warnings": list(found.warnings), "bytes": found.bytes, "free_bytes": free, "folder": str(root),
                "tools": tools,
            }
        )  # fmt: skip
    else:
        lines = [f"with       {tool.name} {tool.version}" for tool in found.tools]
        lines += [
            f"into       {root} ({size_text(free)} free, the database has about {size_text(max(found.bytes, 0))})"
        ]
        lines += [f"warning    {text}" for text in found.warnings] + [f"FORBIDS    {text}" for text in problems]
        face.show("\n".join([*lines, "nothing was taken (dry run)"]))
    return _REFUSED if problems else 0


def _store(face: Face, repository: Repository, backup: Backup) -> tuple[Copy, ...]:
    """Copy a new backup to the configured stores."""
    if not face.target.backup.stores:
        return ()
    from lockgate.workflow.store_backup import store_backup

    urls = face.target.backup.stores
    return store_backup(repository, backup, urls, read_place(), face.talk.say, redact.add_secret)


def _prune(face: Face, repository: Repository) -> Pruned:
    from lockgate.workflow.prune_backups import prune_after_success, read_needed

    manifests = [backup.manifest for backup in repository.backups()]
    retention = timedelta(seconds=face.target.retention_s)
    needed = read_needed(face.engine, face.target.target, manifests, retention)
    return prune_after_success(repository, face.target.backup.keep, needed)
