"""``lockgate rehearse``: play a plan through on a private copy of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.backups import identity_option
from lockgate.cli.face import Face, make_command
from lockgate.cli.read_options import read_plan_file, scratch_options
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.backup.files import StoredFiles
    from lockgate.model.plan import Plan

_FAILED = 6


@make_command(
    "rehearse",
    "Play a plan through on a private copy: apply, roll back, compare every row, apply again.",
    ("text", "json", "markdown", "html"),
    has_scratch=True,
)
@click.argument("plan_file", metavar="PLAN")
@click.option("--from", "source", metavar="BACKUP|live", help="What to restore; live copies rows of the target.")
@click.option("--rows", metavar="N|all", help="Rows copied of one table of the target (100000); larger ones in part.")
@identity_option
def command(face: Face, plan_file: str, source: str | None, rows: str | None, identity: str | None) -> int:
    """The newest full backup of the schema that the plan was made for is restored and rehearsed on; when there is none,
    rows are copied from the target, which is only read. A server of its version is started for the rehearsal and ended
    with it; its rows never come into a database on the target's own server. Time, waits of reads and writes and extra
    disk are measured for each step. The result is bound to the plan's digest: a protected target asks for one that is
    not too old. Exit code 6 when the plan fails."""
    target = face.target
    plan = read_plan_file(plan_file)
    most = _read_rows(rows or "100000")
    backup = _find_backup(face, plan, source, rows, identity)
    face.talk.say(f"rehearsing {plan.id} on a copy of {target.target.display}")
    from lockgate.cli.rehearsal import record_rehearsal
    from lockgate.model.rehearsal import Outcome
    from lockgate.workflow.rehearse import RehearseOptions, rehearse

    options = RehearseOptions(
        most_rows=most, backup=backup, is_backup_wanted=source is not None, scratch=scratch_options(face)
    )
    result = rehearse(face.engine, target.target, plan, options, face.talk.say)
    path = record_rehearsal(result, plan_file, face.settings.state_dir)
    if face.output_format == "json":
        from lockgate.cli.result import plain_of

        face.show_json({**plain_of(result), "file": str(path)})
    else:
        _show(face, result)
        face.talk.say(f"recorded in: {path}")
    return 0 if result.outcome is Outcome.PASSED else _FAILED


def _find_backup(
    face: Face, plan: Plan, source: str | None, rows: str | None, identity: str | None
) -> StoredFiles | None:
    """Return what to restore: the backup that is named, else the newest that fits; None for the live rows."""
    if source == "live" or (source is None and rows is not None):
        return None
    if source is not None and rows is not None:
        raise ConfigError(
            "--rows says how many rows are copied, but a backup is restored whole",
            where="lockgate rehearse",
            cause=f"--from names {source}",
            state="nothing was touched, nothing was rehearsed",
            hint="give one of them",
        )
    from lockgate.cli.backups import open_repository, read_identities
    from lockgate.workflow.rehearsal_backup import find_fitting

    repository = open_repository(face)
    found = repository.find(source) if source else find_fitting(repository, plan)
    if found is None:
        face.talk.say("no backup is of the schema that the plan was made for: rows are copied from the target")
        return None
    identities = read_identities(face, identity)
    if found.manifest.is_encrypted and not identities and not source:
        face.talk.say(f"{found.id} is encrypted and no key is given: rows are copied from the target")
        return None
    from lockgate.backup.files import StoredFiles

    return StoredFiles(found, identities)


def _show(face: Face, result: object) -> None:
    from lockgate.model.rehearsal import Rehearsal
    from lockgate.report.html import render_html
    from lockgate.report.markdown import render_markdown
    from lockgate.report.rehearsal import rehearsal_document
    from lockgate.report.text import render_text

    assert isinstance(result, Rehearsal)
    render = {"text": render_text, "markdown": render_markdown, "html": render_html}[face.output_format]
    face.show(render(rehearsal_document(result)))


def _read_rows(text: str) -> int:
    """Return how many rows of a table are copied, 0 for all.

    Raises:
        ConfigError: The text is no number above 0 and not ``all``.
    """
    if text == "all":
        return 0
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise ConfigError(
        f"--rows {text!r} is no number of rows",
        where="lockgate rehearse",
        cause="allowed is a number above 0, or all",
        state="nothing was touched, nothing was rehearsed",
    )
