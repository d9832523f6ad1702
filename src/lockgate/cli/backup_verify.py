"""``lockgate backup verify``: prove a backup as far as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import identity_option, open_repository, read_identities
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import open_one, store_option

if TYPE_CHECKING:
    from lockgate.backup.repository import Repository
    from lockgate.model.backup import Level, Verification

_FOUND = 3
_STAYS = "it stays where it is: prove it again"
_LEVELS = ("checksum", "readable", "restored", "rows", "schema")


@make_command("verify", "Prove a backup: checksums, a test restore, rows and schema compared.", has_scratch=True)
@click.argument("backup", metavar="BACKUP", default="latest")
@click.option("--level", type=click.Choice(_LEVELS), default="schema", help="How far to go (schema: all of it).")
@store_option
@identity_option
def command(face: Face, backup: str, level: str, store_url: str | None, identity: str | None) -> int:
    """BACKUP is an id, latest, verified or a folder. It is restored on a private server that is gone afterwards; the
    target is not touched. Only a backup whose restored rows and schema equal its manifest is called verified. Exit code
    3 when it does not hold; it is moved to quarantine then, unless the fault may be that of the place it was restored
    on, such as a full disk. With --store the copy there is proven: its bytes are read there, and for more
    than --level checksum it is fetched into a folder that is gone afterwards; nothing is moved."""
    from lockgate.model.backup import Level
    from lockgate.workflow.back_up import prove

    repository = open_repository(face)
    if store_url:
        return _verify_in_store(face, repository, backup, Level(level), store_url, identity)
    found = repository.find(backup)
    proven = prove(
        face.engine,
        repository,
        found,
        face.target.backup,
        level=Level(level),
        identities=read_identities(face, identity),
        scratch_url=face.scratch.url or face.target.scratch_url,
        tell=face.talk.say,
    )
    return _show(face, proven, "it was moved to quarantine" if proven.is_conclusive else _STAYS)


def _verify_in_store(
    face: Face, repository: Repository, backup: str, level: Level, store_url: str, identity: str | None
) -> int:
    from lockgate.workflow.store_backup import verify_in_store

    proven = verify_in_store(
        face.engine,
        open_one(face, store_url),
        repository,
        backup,
        face.target.backup,
        level=level,
        identities=read_identities(face, identity),
        scratch_url=face.scratch.url or face.target.scratch_url,
        tell=face.talk.say,
    )
    return _show(face, proven, f"this is the copy in {proven.place}" if proven.is_conclusive else _STAYS)


def _show(face: Face, proven: Verification, where: str) -> int:
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(proven))
    else:
        reached = proven.level.value if proven.level else "nothing"
        if proven.is_passed:
            word = "verified" if proven.is_verified else f"holds as far as {reached}"
            restore = f"; restoring took {proven.restore_s:.1f} s" if proven.restore_s >= 0 else ""
            face.show(f"{proven.backup} {word}, in {proven.duration_s:.1f} s{restore}")
        else:
            word = "DOES NOT HOLD" if proven.is_conclusive else "COULD NOT BE PROVEN"
            face.show(f"{proven.backup} {word}: {proven.problem}\nproven: {reached}; {where}")
    return 0 if proven.is_passed else _FOUND
