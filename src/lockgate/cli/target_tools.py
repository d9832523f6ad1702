"""What the tasks and checks of a runbook work with, made of the settings."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from lockgate.cli.acceptances import load_acceptances
from lockgate.cli.approval import current_actor
from lockgate.cli.backup_schedule import known_schedulers
from lockgate.cli.backups import open_repository, read_identities
from lockgate.cli.confirm import detect_agent
from lockgate.cli.face import Face
from lockgate.cli.read_options import scratch_options
from lockgate.cli.schedule_job import job_name
from lockgate.cli.schedule_task import change_schedule
from lockgate.cli.stores import read_place
from lockgate.execute.retry import Patience
from lockgate.outside import redact
from lockgate.runbook.target import TargetTools
from lockgate.verify.defects.settings import DefectSettings
from lockgate.workflow.backup_status import Surroundings


def make_target_tools(face: Face, patience: Patience | None = None) -> TargetTools:
    """Return the tools for the target of a command.

    Raises:
        ConfigError: No target is configured.
    """
    target = face.target
    tools = TargetTools(
        name=target.name,
        target=target.target,
        state_dir=face.settings.state_dir,
        actor=current_actor(),
        open_repository=lambda: open_repository(face),
        read_identities=lambda: read_identities(face, None),
        resolve=lambda text: face.spec(text, "the runbook"),
        desired=face.spec(target.desired, "desired") if target.desired else "",
        migrations=face.spec(target.migrations, "migrations") if target.migrations else "",
        is_protected=target.is_protected,
        rehearsal_s=target.rehearsal_s,
        retention_s=target.retention_s,
        agent=detect_agent(os.environ),
        scratch=scratch_options(face),
        backup=target.backup,
        place=read_place(),
        on_secret=redact.add_secret,
        acceptances=lambda: load_acceptances(face),
        conventions=face.settings.conventions,
        defects=face.settings.defects or DefectSettings(),
        backup_around=lambda: _backup_around(face),
        schedule=lambda do, is_dry_run: change_schedule(face, do, is_dry_run),
    )
    return tools if patience is None else replace(tools, patience=patience)


def _backup_around(face: Face) -> Surroundings:
    return Surroundings(
        schedulers=known_schedulers(),
        schedule_name=job_name(face, Path.cwd()),
        read_identities=lambda: read_identities(face, None),
        place=read_place(),
        on_secret=redact.add_secret,
    )
