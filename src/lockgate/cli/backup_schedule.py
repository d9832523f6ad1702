"""``lockgate backup schedule``: have backups taken by cron or systemd."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lockgate.cli.backups import open_repository
from lockgate.cli.confirm import refuse_agent
from lockgate.cli.face import Face, make_command
from lockgate.errors import ConfigError

if TYPE_CHECKING:
    from lockgate.backup.schedule import Installed, When
    from lockgate.backup.schedulers import Scheduler
    from lockgate.workflow.schedule_backups import Scheduled

F = TypeVar("F", bound=Callable[..., Any])


@click.group("schedule", short_help="Have backups taken by cron or systemd: install, show, remove.")
def command() -> None:
    """Have backups taken by cron or systemd. Only an entry of our own is ever touched, and all of it is shown."""


def _place_options(function: F) -> F:
    for option in (
        click.option("--force", is_flag=True, help="Also an entry of ours that was changed by hand."),
        click.option("--folder", metavar="DIR", help="Where the files go, in place of cron.d or systemd's folder."),
        click.option("--system", "scope", flag_value="system", help="For the machine; needs its rights."),
        click.option("--user", "scope", flag_value="user", help="For this user."),
        click.option("--systemd", "kind", flag_value="systemd", help="A systemd service and timer."),
        click.option("--cron", "kind", flag_value="cron", help="An entry in the crontab (--system: a file in cron.d)."),
    ):
        function = option(function)
    return function


@make_command("install", "Have backups taken regularly.")
@_place_options
@click.option("--at", default="", metavar="TIME", help="When, in local time: 02:15; weekly: 'Sun 02:15'.")
@click.option("--every", default="", metavar="SPAN", help="How often: 15m, 6h, 24h, 7d (24h).")
@click.option("--environment-file", default="", metavar="FILE", help="A file of mode 600 with NAME='value' lines.")
@click.option("--run-as", default="", metavar="USER", help="With --system: who runs it (you).")
@click.option("--dry-run", is_flag=True, help="Print what would be written and change nothing.")
def install(
    face: Face,
    kind: str | None,
    scope: str | None,
    folder: str | None,
    force: bool,
    at: str,
    every: str,
    environment_file: str,
    run_as: str,
    dry_run: bool,
) -> int:
    """Installing twice leaves one entry, and others as they are. The command is tried in the environment a scheduler
    has first, and refused when it needs a variable that only your shell has. The default is systemd where it runs, else
    cron; [backup] schedule sets the time."""
    from lockgate.cli.schedule_job import build_job, user_name
    from lockgate.workflow.schedule_backups import check_environment, make_change, note_place, plan_install

    refuse_agent(face.target, "schedule backups")
    when = _when(face, at, every)
    scheduler = choose_scheduler(kind, scope, folder)
    user = user_name(run_as) if scheduler.scope == "system" else ""
    job = build_job(face, when, environment_file, user, os.environ)
    change = plan_install(scheduler, job, is_forced=force)
    check_environment(job, dict(os.environ))
    if dry_run:
        _show(face, change.result, when, is_dry_run=True)
        return 0
    if change.result.diff:
        face.talk.say(change.result.diff)
    done = make_change(change)
    if not change.is_empty:
        note_place(open_repository(face), done, job.name)
    _show(face, done, when, is_dry_run=False)
    return 0


@make_command("show", "Show where backups are scheduled, and the next run.")
@_place_options
def show(face: Face, kind: str | None, scope: str | None, folder: str | None, force: bool) -> int:
    """Looks into all places where it could be, unless one is named. Exit code 3 when there is none, 5 when a place
    could not be looked at."""
    from lockgate.backup.schedule import next_run
    from lockgate.cli.schedule_job import job_name
    from lockgate.workflow.options import utc_now
    from lockgate.workflow.schedule_backups import find_schedules, when_of

    found, unknown = find_schedules(_places(face, kind, scope, folder), job_name(face, Path.cwd()))
    runs = [when_of(item) for item in found]
    nexts = [next_run(when, utc_now()).isoformat(timespec="minutes") if when else "" for when in runs]
    if face.output_format == "json":
        from lockgate.cli.result import plain_of

        items = [{**plain_of(item), "next_run": run} for item, run in zip(found, nexts, strict=True)]
        face.show_json({"format_version": 1, "target": face.target.name, "schedules": items, "unknown": list(unknown)})
    else:
        lines = [line for item, run in zip(found, nexts, strict=True) for line in _lines(item, run)]
        lines += [f"unknown:   {text}" for text in unknown]
        face.show("\n".join(lines) or "no schedule is installed: lockgate backup schedule install")
    return 0 if found else 5 if unknown else 3


@make_command("remove", "Take the schedule out again.")
@_place_options
@click.option("--dry-run", is_flag=True, help="Print what would be taken out and change nothing.")
def remove(face: Face, kind: str | None, scope: str | None, folder: str | None, force: bool, dry_run: bool) -> int:
    """Takes out exactly our entry, wherever it is; other entries stay as they are, byte by byte."""
    from lockgate.cli.schedule_job import job_name
    from lockgate.workflow.schedule_backups import make_change, note_place, plan_removal

    refuse_agent(face.target, "remove the schedule of backups")
    name = job_name(face, Path.cwd())
    planned = [plan_removal(place, name, is_forced=force) for place in _places(face, kind, scope, folder)]
    changes = [change for change in planned if change is not None]
    done: list[Scheduled] = []
    for change in changes:
        if change.result.diff and not dry_run:
            face.talk.say(change.result.diff)
        done.append(change.result if dry_run else make_change(change))
    if done and not dry_run:
        note_place(open_repository(face), done[-1], name)
    if face.output_format == "json":
        from lockgate.cli.result import plain_of

        face.show_json({"format_version": 1, "is_dry_run": dry_run, "removed": [plain_of(item) for item in done]})
    elif not done:
        face.show("no schedule is installed, nothing to remove")
    else:
        for item in done:
            lines = [item.diff] if dry_run else []
            lines += [f"{'would remove' if dry_run else 'removed'}: {item.kind}, {item.place}"]
            face.show("\n".join([*lines, *([f"left: {item.left}"] if item.left else [])]))
    return 0


def _places(face: Face, kind: str | None, scope: str | None, folder: str | None) -> Sequence[Scheduler]:
    """Return where to look: the place that is named, else all that are known and the one that was noted."""
    from lockgate.workflow.schedule_backups import noted_schedule

    if kind or folder:
        return [choose_scheduler(kind, scope, folder)]
    noted = noted_schedule(open_repository(face))
    scheduler = noted.scheduler() if noted else None
    known = known_schedulers()
    return [*known, scheduler] if scheduler and not any(_is_same(scheduler, other) for other in known) else known


def _is_same(one: Scheduler, other: Scheduler) -> bool:
    return getattr(one, "folder", None) == getattr(other, "folder", "")


def choose_scheduler(kind: str | None, scope: str | None, folder: str | None) -> Scheduler:
    """Return the scheduler that the options name; without any, systemd where it runs, else cron.

    Raises:
        ConfigError: There is none of the kind on this machine.
    """
    from lockgate.backup.schedulers import CRON_FOLDER, CronFolder, Crontab, Systemd, find_program

    systemctl = find_program("systemctl") if Path("/run/systemd/system").is_dir() else ""
    crontab = find_program("crontab")
    if kind is None:
        kind = "systemd" if systemctl or (folder and scope == "user") else "cron"
    if kind == "systemd":
        if not systemctl and not folder:
            raise _none("systemd", "it does not run on this machine", "--cron, or --folder DIR to only write the units")
        scope = scope or ("system" if os.geteuid() == 0 else "user")
        return Systemd(Path(folder).absolute() if folder else _unit_folder(scope), scope, "" if folder else systemctl)
    if folder or scope == "system":
        return CronFolder(Path(folder).absolute() if folder else CRON_FOLDER)
    if not crontab:
        raise _none("cron", "there is no program `crontab`", "--systemd, or --system for a file in /etc/cron.d")
    return Crontab(crontab)


def known_schedulers() -> Sequence[Scheduler]:
    """Return all places where a schedule of this user or of the machine could be."""
    from lockgate.backup.schedulers import CronFolder, Crontab, Systemd, find_program

    systemctl = find_program("systemctl") if Path("/run/systemd/system").is_dir() else ""
    crontab = find_program("crontab")
    found: list[Scheduler] = [Crontab(crontab)] if crontab else []
    return [*found, CronFolder(), *(Systemd(_unit_folder(scope), scope, systemctl) for scope in ("user", "system"))]


def _unit_folder(scope: str) -> Path:
    if scope == "system":
        return Path("/etc/systemd/system")
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "systemd/user"


def _when(face: Face, at: str, every: str) -> When:
    from lockgate.backup.schedule import parse_when, read_when

    configured = face.target.backup.schedule
    return parse_when(at, every) if at or every or not configured else read_when(configured)


def _show(face: Face, done: Scheduled, when: When, *, is_dry_run: bool) -> None:
    from lockgate.backup.schedule import next_run
    from lockgate.workflow.options import utc_now

    run = next_run(when, utc_now())
    if face.output_format == "json":
        from lockgate.cli.result import document_of

        face.show_json(document_of(done, is_dry_run=is_dry_run, next_run=run.isoformat(timespec="minutes")))
        return
    would = "would be " if is_dry_run else ""
    lines = [done.diff, ""] if done.diff and is_dry_run else []
    lines += [f"{would}{done.action}: {done.kind} ({done.scope}), {done.place}", f"when:      {done.when}, local time"]
    lines += [
        f"runs:      {done.command}",
        f"next run:  {run.astimezone():%Y-%m-%d %H:%M %Z} ({run:%Y-%m-%d %H:%M} UTC)",
    ]
    lines += [f"left:      {done.left}"] if done.left else []
    face.show("\n".join(lines))


def _lines(found: Installed, run: str) -> list[str]:
    state = "CHANGED BY HAND" if found.is_edited else "as installed"
    active = {True: ", in force", False: ", NOT IN FORCE", None: ", not seen to be in force"}[found.is_active]
    return [
        f"schedule:  {found.kind}, {found.place}: {state}{active}",
        f"when:      {found.when}, since {found.since}",
        f"next run:  {run or 'unknown'}",
        *(f"    {line}" for line in found.text.rstrip("\n").splitlines()),
    ]


def _none(kind: str, cause: str, instead: str) -> ConfigError:
    return ConfigError(
        f"backups cannot be scheduled with {kind} here",
        where=f"--{kind}",
        cause=cause,
        state="nothing was installed",
        hint=f"use {instead}",
    )


for part in (install, show, remove):
    command.add_command(part)
