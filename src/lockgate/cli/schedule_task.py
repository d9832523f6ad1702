"""Install or remove the schedule of backups for a runbook's task."""

from __future__ import annotations

import os
from pathlib import Path

from lockgate.cli.backup_schedule import choose_scheduler, known_schedulers
from lockgate.cli.backups import open_repository
from lockgate.cli.face import Face


def change_schedule(face: Face, do: str, is_dry_run: bool) -> str:
    """Return what was (or would be) changed, in words.

    Raises:
        ConfigError, RefusedError, BackupFailed: Nothing was changed, or it does not read back.
    """
    from lockgate.backup.schedule import parse_when, read_when
    from lockgate.cli.schedule_job import build_job, job_name, user_name
    from lockgate.workflow.schedule_backups import (
        check_environment,
        make_change,
        note_place,
        plan_install,
        plan_removal,
    )

    if do == "remove":
        name = job_name(face, Path.cwd())
        planned = [plan_removal(place, name) for place in known_schedulers()]
        changes = [change for change in planned if change is not None]
        done = [change.result if is_dry_run else make_change(change) for change in changes]
        if done and not is_dry_run:
            note_place(open_repository(face), done[-1], name)
        return "; ".join(f"{item.action}: {item.kind}, {item.place}" for item in done) or "no schedule is installed"
    configured = face.target.backup.schedule
    scheduler = choose_scheduler(None, None, None)
    user = user_name("") if scheduler.scope == "system" else ""
    when = read_when(configured) if configured else parse_when("", "")
    job = build_job(face, when, "", user, os.environ)
    change = plan_install(scheduler, job)
    check_environment(job, dict(os.environ))
    result = change.result if is_dry_run else make_change(change)
    if not change.is_empty and not is_dry_run:
        note_place(open_repository(face), result, job.name)
    return f"{result.action}: {result.kind}, {result.place}, {result.when}" + (
        f"; {result.left}" if result.left else ""
    )
