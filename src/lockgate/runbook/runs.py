"""The folders of runs: a new one, one that somebody names, all of them; and the lock file of a target."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lockgate.errors import ArtifactError, ConfigError, LeaseHeld, LockgateError
from lockgate.execute.lease import describe_holder
from lockgate.model.procedure_state import RunState, fold
from lockgate.runbook.lock import FILE_NAME as LOCK_NAME
from lockgate.runbook.lock import Lock, read_lock, write_lock
from lockgate.runbook.record import FILE_NAME, read_entries

_FOLDER = "procedures"


@dataclass(frozen=True)
class KnownRun:
    """A run on the disk."""

    folder: Path
    lock: Lock
    state: RunState

    @property
    def id(self) -> str:
        """Its id."""
        return self.folder.name


def procedures_folder(state_dir: Path) -> Path:
    """Return where runs are kept."""
    return state_dir / _FOLDER


def new_run(state_dir: Path, lock: Lock, *, now: datetime, new_hex: Callable[[], str]) -> Path:
    """Make the folder of a new run, with the lock in it.

    Raises:
        ConfigError: It cannot be made.
    """
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", lock.runbook.runbook).strip("-") or "runbook"
    folder = procedures_folder(state_dir) / f"{now.astimezone(UTC):%Y%m%d}-{name[:60]}-{new_hex()[:6]}"
    try:
        folder.mkdir(parents=True)
        (folder / "documents").mkdir()
        write_lock(lock, folder)
    except OSError as error:
        raise ConfigError(
            "the run's folder cannot be made",
            where=str(folder),
            cause=str(error.strerror),
            state="nothing was touched",
            hint="choose another place with LOCKGATE_STATE_DIR",
        ) from None
    return folder


def list_folders(state_dir: Path) -> tuple[Path, ...]:
    """Return the folders of all runs, the newest last."""
    found = [path.parent for path in procedures_folder(state_dir).glob(f"*/{FILE_NAME}")]
    return tuple(sorted(found, key=lambda folder: (folder / FILE_NAME).stat().st_ctime_ns))


def find_folder(state_dir: Path, reference: str) -> Path:
    """Return a run's folder by its id, the beginning or end of it, or ``latest``.

    Raises:
        ConfigError: None or several are meant.
    """
    folders = list_folders(state_dir)
    if reference == "latest":
        found = [f for f in folders if (f / LOCK_NAME).exists()][-1:] or list(folders[-1:])
    else:
        found = [f for f in folders if f.name == reference]
        found = found or [f for f in folders if f.name.startswith(reference) or f.name.endswith(reference)]
    if len(found) == 1:
        return found[0]
    many = ", ".join(f.name for f in found[:5])
    raise ConfigError(
        f"{reference} is {'no run' if not found else 'more than one run'} of a runbook",
        where=str(procedures_folder(state_dir)),
        cause=many or ("no run is kept here" if not folders else f"the newest is {folders[-1].name}"),
        state="nothing was touched",
        hint="lockgate runbook list",
    )


def taken_back_by(folder: Path) -> str:
    """Return the id of the run by which a person took this run back; empty when nobody did."""
    for other in folder.parent.glob(f"*/{FILE_NAME}"):
        if (other.parent / LOCK_NAME).exists():
            continue
        entries = read_entries(other.parent)
        if entries and entries[0].body.get("parent") == folder.name:
            return other.parent.name
    return ""


def open_run(folder: Path) -> KnownRun:
    """Read a run for looking at.

    Raises:
        ArtifactError, StalePlan: Its journal or lock is damaged.
    """
    lock = read_lock(folder)
    return KnownRun(folder, lock, fold(lock.runbook, read_entries(folder)))


def list_runs(state_dir: Path) -> tuple[KnownRun, ...]:
    """Return all runs that can be read, the newest last."""
    found = []
    for folder in list_folders(state_dir):
        try:
            found.append(open_run(folder))
        except (ArtifactError, LockgateError):
            continue
    return tuple(found)


@contextmanager
def hold_target(state_dir: Path, target: str) -> Iterator[None]:
    """Hold the one place from which a target's runbooks run on this machine.

    Raises:
        LeaseHeld: Another process holds it; names it.
    """
    folder = procedures_folder(state_dir)
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", target) or "none"
    with open(folder / f".{name}.lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise LeaseHeld(
                f"another runbook is at work on {target or 'this folder'}",
                holder=file.read().strip(),
                hint="wait for it to end; a dead runner frees its place by itself",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(describe_holder())
        file.flush()
        yield
