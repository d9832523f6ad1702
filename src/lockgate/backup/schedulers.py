"""The schedulers of this machine: what stands in them is read, changed as a whole, and read back."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from lockgate.backup.schedule import Installed, Job
from lockgate.backup.schedule_text import (
    cron_block,
    find_block,
    find_unit,
    put_block,
    service_text,
    take_block,
    timer_text,
)
from lockgate.errors import BackupFailed, RefusedError

Texts = Mapping[str, bytes | None]
"""What stands where: by the place's name, None where nothing is."""
CRON_FOLDER = Path("/etc/cron.d")
CRONS = ("cron", "crond")


class Scheduler(Protocol):
    """A place that schedules stand in. All changes are made of what was read, and written as a whole."""

    @property
    def kind(self) -> str:
        """``cron`` or ``systemd``."""

    @property
    def scope(self) -> str:
        """``user`` or ``system``."""

    def read(self, name: str) -> dict[str, bytes | None]:
        """Read what stands where a schedule called so is or would be.

        Raises:
            BackupFailed: It cannot be read; nothing is known then.
        """

    def find(self, texts: Texts, name: str) -> Installed | None:
        """Return our schedule called so."""

    def put(self, texts: Texts, job: Job, since: str) -> dict[str, bytes | None]:
        """Return the texts with exactly one schedule for the job."""

    def take(self, texts: Texts, name: str) -> dict[str, bytes | None]:
        """Return the texts without our schedule called so."""

    def write(self, texts: Texts, name: str) -> str:
        """Write the texts, read them back, and put them into force; return what is left to do, empty for nothing.

        Raises:
            BackupFailed: It cannot be written, or does not read back equal.
        """


@dataclass(frozen=True)
class Crontab:
    """The crontab of the user, through the program ``crontab``."""

    program: str
    kind: str = "cron"
    scope: str = "user"
    place: str = "crontab"

    def read(self, name: str) -> dict[str, bytes | None]:
        """Read the crontab; a user who has none has an empty one."""
        done = _run([self.program, "-l"])
        if done.returncode == 0:
            return {self.place: done.stdout}
        if b"no crontab for" in done.stderr:
            return {self.place: None}
        raise _failed("the crontab cannot be read", self.program, _first_line(done.stderr))

    def find(self, texts: Texts, name: str) -> Installed | None:
        """Return our block."""
        return _told_active(find_block(texts[self.place] or b"", name, self.place))

    def put(self, texts: Texts, job: Job, since: str) -> dict[str, bytes | None]:
        """Return the crontab with our block."""
        return {self.place: put_block(texts[self.place] or b"", job.name, cron_block(job, since))}

    def take(self, texts: Texts, name: str) -> dict[str, bytes | None]:
        """Return the crontab without our block."""
        return {self.place: take_block(texts[self.place] or b"", name)}

    def write(self, texts: Texts, name: str) -> str:
        """Install the crontab and read it back."""
        wanted = texts[self.place] or b""
        done = _run([self.program, "-"], wanted)
        if done.returncode != 0:
            raise _failed("the crontab cannot be written", self.program, _first_line(done.stderr))
        if (self.read(name)[self.place] or b"") != wanted:
            raise _failed("the crontab does not read back as it was written", self.program, "look at `crontab -l`")
        return "" if is_running(*CRONS) else "cron does not seem to run on this machine: start it"


@dataclass(frozen=True)
class CronFolder:
    """A file of ours in ``/etc/cron.d``."""

    folder: Path = CRON_FOLDER
    kind: str = "cron"
    scope: str = "system"

    def read(self, name: str) -> dict[str, bytes | None]:
        """Read our file."""
        return {str(self.folder / name): _read_file(self.folder / name)}

    def find(self, texts: Texts, name: str) -> Installed | None:
        """Return our block in it."""
        place, text = next(iter(texts.items()))
        return _told_active(find_block(text or b"", name, place))

    def put(self, texts: Texts, job: Job, since: str) -> dict[str, bytes | None]:
        """Return the file with our block."""
        place, text = next(iter(texts.items()))
        return {place: put_block(text or b"", job.name, cron_block(job, since, has_user=True))}

    def take(self, texts: Texts, name: str) -> dict[str, bytes | None]:
        """Return the file without our block; no file when nothing else is in it."""
        place, text = next(iter(texts.items()))
        return {place: take_block(text or b"", name) or None}

    def write(self, texts: Texts, name: str) -> str:
        """Write or remove the file."""
        _write_files(texts)
        return "" if is_running(*CRONS) else "cron does not seem to run on this machine: start it"


@dataclass(frozen=True)
class Systemd:
    """A service and a timer of ours. ``systemctl`` empty: the files are only written, and enabling them is left."""

    folder: Path
    scope: str
    systemctl: str = ""
    kind: str = "systemd"

    def read(self, name: str) -> dict[str, bytes | None]:
        """Read our two units."""
        return {str(place): _read_file(place) for place in self._places(name)}

    def find(self, texts: Texts, name: str) -> Installed | None:
        """Return our timer; edited when one of the two is, or is gone."""
        places = [str(place) for place in self._places(name)]
        found = [find_unit((texts[place] or b"").decode(errors="replace"), name, place) for place in places]
        alien = [place for place, unit in zip(places, found, strict=True) if unit is None and texts[place]]
        if alien:
            raise RefusedError(
                "a unit of another stands where ours would be",
                where=alien[0],
                cause="it does not begin with our mark",
                state="nothing was touched",
                hint="move it away, then repeat the command",
            )
        service, timer = found
        if service is None and timer is None:
            return None
        known = timer or service
        assert known is not None
        is_edited = service is None or timer is None or service.is_edited or timer.is_edited
        return Installed(
            kind=self.kind,
            place=places[1],
            when=known.when,
            since=known.since,
            text="\n".join(unit.text for unit in found if unit is not None),
            is_edited=is_edited,
            is_active=self._is_active(name),
        )

    def put(self, texts: Texts, job: Job, since: str) -> dict[str, bytes | None]:
        """Return our two units."""
        service, timer = map(str, self._places(job.name))
        return {
            service: service_text(job, since, is_user=self.scope == "user").encode(),
            timer: timer_text(job, since).encode(),
        }

    def take(self, texts: Texts, name: str) -> dict[str, bytes | None]:
        """Return nothing where our units were."""
        return dict.fromkeys(texts)

    def write(self, texts: Texts, name: str) -> str:
        """Write or remove the units, and have systemd take note."""
        is_removal = all(text is None for text in texts.values())
        timer = f"{name}.timer"
        if is_removal and self.systemctl:
            self._call("disable", "--now", timer)
        _write_files(texts)
        flag = "--user " if self.scope == "user" else ""
        if not self.systemctl:
            if is_removal:
                return f"where it was enabled: systemctl {flag}disable --now {timer}"
            return f"it is not in force before: systemctl {flag}daemon-reload && systemctl {flag}enable --now {timer}"
        self._call("daemon-reload")
        if not is_removal:
            self._call("enable", "--now", timer)
        return ""

    def _places(self, name: str) -> tuple[Path, Path]:
        return self.folder / f"{name}.service", self.folder / f"{name}.timer"

    def _call(self, *words: str) -> None:
        done = _run([self.systemctl, *(["--user"] if self.scope == "user" else []), *words])
        if done.returncode != 0:
            raise _failed("systemd does not take the schedule", f"systemctl {words[0]}", _first_line(done.stderr))

    def _is_active(self, name: str) -> bool | None:
        if not self.systemctl:
            return None
        flags = ["--user"] if self.scope == "user" else []
        return _run([self.systemctl, *flags, "is-active", f"{name}.timer"]).stdout.strip() == b"active"


def _told_active(found: Installed | None) -> Installed | None:
    """Say that a schedule is in force where cron is seen to run; where it is not, that cannot be told."""
    if found is None or not is_running(*CRONS):
        return found
    return msgspec.structs.replace(found, is_active=True)


def diff_text(before: Texts, after: Texts) -> str:
    """Return the difference as ``diff -u`` writes it; empty for none."""
    lines: list[str] = []
    for place in after:
        old, new = (_lines(texts.get(place)) for texts in (before, after))
        lines += difflib.unified_diff(old, new, place, place, n=1, lineterm="")
    return "\n".join(lines)


def is_running(*names: str) -> bool:
    """Tell whether a process of one of these names runs, as far as can be seen."""
    for place in Path("/proc").glob("[0-9]*/comm"):
        try:
            if place.read_text(encoding="utf-8", errors="replace").strip() in names:
                return True
        except OSError:
            continue
    return False


def _lines(text: bytes | None) -> list[str]:
    return (text or b"").decode(errors="replace").splitlines()


def _read_file(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed("a schedule cannot be read", str(place), error.strerror or str(error)) from None


def _write_files(texts: Texts) -> None:
    """Write whole files or remove them, each by one rename."""
    for name, text in texts.items():
        place = Path(name)
        part = place.with_name(f".{place.name}.part")
        try:
            if text is None:
                place.unlink(missing_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(text)
            os.chmod(part, 0o644)
            os.replace(part, place)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise _failed("the schedule cannot be written", name, error.strerror or str(error)) from None


def _run(command: Sequence[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed("a program of the scheduler does not run", command[0], str(error)) from None


def _first_line(words: bytes) -> str:
    return next(iter(words.decode(errors="replace").strip().splitlines()), "it gave no reason")


def _failed(what: str, where: str, cause: str) -> BackupFailed:
    return BackupFailed(what, where=where, cause=cause, state="see what is there with: lockgate backup schedule show")


def find_program(name: str) -> str:
    """Return the absolute path of a program; empty when there is none."""
    return os.path.abspath(found) if (found := shutil.which(name)) else ""
