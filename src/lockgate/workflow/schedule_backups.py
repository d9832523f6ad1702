"""Install, find and remove the schedule of a target's backups."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from lockgate.backup.repository import Repository
from lockgate.backup.schedule import Installed, Job, When, read_when
from lockgate.backup.schedule_text import refuse_edited, shell_line
from lockgate.backup.schedulers import CronFolder, Scheduler, Systemd, Texts, diff_text
from lockgate.errors import ConfigError, InputError, LockgateError
from lockgate.model.schema import Value
from lockgate.workflow.options import utc_now


class Scheduled(Value, frozen=True, omit_defaults=False):
    """What was done: ``action`` is installed, changed, unchanged or removed.

    ``diff`` is what was (or would be) changed; ``command`` the line that runs; ``left`` what a person still has to do
    before it is in force, empty for nothing.
    """

    action: str
    kind: str
    scope: str
    place: str
    when: str = ""
    command: str = ""
    diff: str = ""
    left: str = ""


@dataclass(frozen=True)
class Change:
    """A change of a scheduler that is known in full and not made yet."""

    scheduler: Scheduler
    name: str
    before: Texts
    after: Texts
    result: Scheduled

    @property
    def is_empty(self) -> bool:
        """Whether everything is already as it is to be."""
        return dict(self.before) == dict(self.after)


def plan_install(scheduler: Scheduler, job: Job, *, is_forced: bool = False, now: datetime | None = None) -> Change:
    """Say what installing a job would change. A schedule that is the same keeps the day it was installed on.

    Raises:
        RefusedError: What is there was changed by hand, or is another's.
        ConfigError, BackupFailed: It cannot be written down, or read.
    """
    before = scheduler.read(job.name)
    found = scheduler.find(before, job.name)
    if found is not None and not is_forced:
        refuse_edited(found, "replaced")
    since = (now or utc_now()).strftime("%Y-%m-%dT%H:%M:%SZ")
    after = scheduler.put(before, job, since)
    if found is not None and found.since:
        kept = scheduler.put(before, job, found.since)
        after = kept if kept == before else after
    is_same = after == before
    action = "unchanged" if is_same else "changed" if found is not None else "installed"
    result = Scheduled(
        action=action,
        kind=scheduler.kind,
        scope=scheduler.scope,
        place=list(after)[-1],
        when=str(job.when),
        command=shell_line(job),
        diff=diff_text(before, after),
    )
    return Change(scheduler, job.name, before, after, result)


def plan_removal(scheduler: Scheduler, name: str, *, is_forced: bool = False) -> Change | None:
    """Say what removing a schedule would change; None when there is none; raises as `plan_install`."""
    before = scheduler.read(name)
    found = scheduler.find(before, name)
    if found is None:
        return None
    if not is_forced:
        refuse_edited(found, "removed")
    after = scheduler.take(before, name)
    result = Scheduled(
        action="removed",
        kind=scheduler.kind,
        scope=scheduler.scope,
        place=found.place,
        when=found.when,
        diff=diff_text(before, after),
    )
    return Change(scheduler, name, before, after, result)


def make_change(change: Change) -> Scheduled:
    """Make a change, and say what is left to do.

    Raises:
        BackupFailed: It cannot be written, or does not read back.
    """
    if change.is_empty:
        return change.result
    left = change.scheduler.write(change.after, change.name)
    return msgspec.structs.replace(change.result, left=left)


def find_schedules(schedulers: Sequence[Scheduler], name: str) -> tuple[tuple[Installed, ...], tuple[str, ...]]:
    """Return where a schedule is installed, and what could not be looked at."""
    found, unknown = [], []
    for scheduler in schedulers:
        try:
            installed = scheduler.find(scheduler.read(name), name)
        except LockgateError as error:
            unknown.append(str(error))
            continue
        if installed is not None:
            found.append(installed)
    return tuple(found), tuple(unknown)


def check_environment(job: Job, environ: dict[str, str]) -> None:
    """Run a harmless command the way the scheduler will: with its environment and nothing else.

    Raises:
        ConfigError: It does not get as far as the settings; its own words say why.
    """
    position = job.command.index("create")
    probe = replace(job, command=(*job.command[:position], "list", *_target_words(job.command), "--quiet"))
    bare = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    bare |= {name: environ[name] for name in ("HOME", "LOGNAME", "USER") if name in environ}
    done = subprocess.run(
        ["/bin/sh", "-c", shell_line(probe)],
        env=bare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise ConfigError(
            "the command does not run in a scheduler's environment",
            where=shell_line(probe),
            cause=" | ".join(line.strip() for line in done.stderr.strip().splitlines()[:4]) or "it gave no reason",
            state="nothing was installed",
            hint="make the settings independent of your shell, then repeat the command",
        )


def note_place(repository: Repository, done: Scheduled, name: str) -> None:
    """Note beside the backups where their schedule is, so that `backup status` misses it when it is gone."""
    kind = "unscheduled" if done.action == "removed" else "scheduled"
    repository.note(kind, "", f"{done.kind} {done.scope} {name} in {done.place}")


@dataclass(frozen=True)
class Noted:
    """Where a schedule was installed last, as noted beside the backups."""

    kind: str
    scope: str
    name: str
    place: str

    def scheduler(self) -> Scheduler | None:
        """Return the scheduler of a file; None for a crontab."""
        folder = Path(self.place).parent
        if self.kind == "systemd":
            return Systemd(folder, self.scope)
        return CronFolder(folder) if self.scope == "system" else None


def noted_schedule(repository: Repository) -> Noted | None:
    """Return where the schedule was installed last; None when it was removed or never was."""
    last = next((note for note in reversed(repository.notes()) if note.type in ("scheduled", "unscheduled")), None)
    words = last.message.split(" ", 4) if last is not None and last.type == "scheduled" else []
    return Noted(words[0], words[1], words[2], words[4]) if len(words) == 5 else None


def when_of(installed: Installed) -> When | None:
    """Return a schedule's rhythm; None when its mark was changed."""
    try:
        return read_when(installed.when)
    except InputError:
        return None


def _target_words(command: Sequence[str]) -> tuple[str, ...]:
    for option in ("--target", "--url"):
        if option in command:
            position = command.index(option)
            return tuple(command[position : position + 2])
    return ()
