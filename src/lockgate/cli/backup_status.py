"""``lockgate backup status``: whether the backups are as they should be."""

from __future__ import annotations

from pathlib import Path

import click

from lockgate.cli.backups import identity_option, open_repository, read_identities
from lockgate.cli.face import Face, make_command
from lockgate.cli.stores import read_place
from lockgate.outside import redact

_UNHEALTHY = 3


@make_command("status", "Tell whether the backups are as they should be.", ("text", "json", "prometheus"))
@click.option("--exit-zero", is_flag=True, help="Exit 0 also when they are not.")
@identity_option
def command(face: Face, exit_zero: bool, identity: str | None) -> int:
    """One line for each thing that is looked at; thresholds are [backup.status] in lockgate.toml. Exit code 3 when
    something is wrong, or cannot be told. The database is not asked, and nothing is written."""
    from lockgate.backup.status_facts import State
    from lockgate.cli.backup_schedule import known_schedulers
    from lockgate.cli.schedule_job import job_name
    from lockgate.workflow.backup_status import Surroundings, read_backup_status

    around = Surroundings(
        schedulers=known_schedulers(),
        schedule_name=job_name(face, Path.cwd()),
        read_identities=lambda: read_identities(face, identity),
        place=read_place(),
        on_secret=redact.add_secret,
    )
    status = read_backup_status(open_repository(face), face.target.backup, face.target.name, around)
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(status))
    else:
        from lockgate.report.backup_status import prometheus_text, status_text

        face.show(prometheus_text(status) if face.output_format == "prometheus" else status_text(status))
    return 0 if exit_zero or status.state is State.OK else _UNHEALTHY
