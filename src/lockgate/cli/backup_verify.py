"""``lockgate backup verify``: prove a backup as far as asked."""

from __future__ import annotations

import click

from lockgate.cli.backups import identity_option, open_repository, read_identities
from lockgate.cli.face import Face, make_command

_FOUND = 3
_LEVELS = ("checksum", "readable", "restored", "rows", "schema")


@make_command("verify", "Prove a backup: checksums, a test restore, rows and schema compared.", has_scratch=True)
@click.argument("backup", metavar="BACKUP", default="latest")
@click.option("--level", type=click.Choice(_LEVELS), default="schema", help="How far to go (schema: all of it).")
@identity_option
def command(face: Face, backup: str, level: str, identity: str | None) -> int:
    """BACKUP is an id, latest, verified or a folder. It is restored on a private server that is gone afterwards; the
    target is not touched. Only a backup whose restored rows and schema equal its manifest is called verified. Exit code
    3 when it does not hold; it is moved to quarantine then, unless the fault may be that of the place it was restored
    on, such as a full disk."""
    from lockgate.model.backup import Level
    from lockgate.workflow.back_up import prove

    repository = open_repository(face)
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
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(proven))
    else:
        reached = proven.level.value if proven.level else "nothing"
        if proven.is_passed:
            word = "verified" if proven.is_verified else f"holds as far as {reached}"
            restore = f"; restoring took {proven.restore_s:.1f} s" if proven.restore_s >= 0 else ""
            face.show(f"{found.id} {word}, in {proven.duration_s:.1f} s{restore}")
        else:
            where = "it was moved to quarantine" if proven.is_conclusive else "it stays where it is: prove it again"
            word = "DOES NOT HOLD" if proven.is_conclusive else "COULD NOT BE PROVEN"
            face.show(f"{found.id} {word}: {proven.problem}\nproven: {reached}; {where}")
    return 0 if proven.is_passed else _FOUND
