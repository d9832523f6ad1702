"""A rollback that a person asks for: a run of its own, linked to the run it takes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from lockgate import __version__
from lockgate.errors import ArtifactError, ConfigError, InDoubtError, LockgateError
from lockgate.model import codec
from lockgate.model.outcome import Evidence, FailureClass, RollbackLevel
from lockgate.model.procedure import Entry, EntryType, RunStatus
from lockgate.model.runbook import Runbook, Task
from lockgate.model.schema import Value
from lockgate.runbook.base import Done, Effect, LevelAsk, TaskContext
from lockgate.runbook.levels.choose import NOTHING_LOST, take_back
from lockgate.runbook.levels.data import choose_backup, loss_of
from lockgate.runbook.record import FILE_NAME, Record, read_entries
from lockgate.runbook.runs import find_folder, hold_target
from lockgate.runbook.target import TargetTools

_FOLDER, _LOCK = "procedures", "lock.json"
_CLASSES = {
    RollbackLevel.CODE: FailureClass.CODE,
    RollbackLevel.SCHEMA: FailureClass.SCHEMA,
    RollbackLevel.DATA: FailureClass.DATA,
}


@dataclass(frozen=True)
class Parent:
    """The run that is taken back: its folder, journal and runbook, and the folder its paths are relative to."""

    folder: Path
    entries: tuple[Entry, ...]
    runbook: Runbook
    base: Path


class RollbackResult(Value, frozen=True, omit_defaults=False):
    """What a rollback came to; ``run`` is its own id, empty for a dry run; ``steps`` what would be sent."""

    run: str
    parent: str
    level: str
    to: str
    state: str
    message: str
    loses: str
    is_dry_run: bool = False
    steps: tuple[str, ...] = ()
    next_commands: tuple[str, ...] = ()


def open_parent(state_dir: Path, name: str) -> Parent:
    """Return a run by its id, or ``latest``.

    Raises:
        ConfigError: There is no such run. ArtifactError: Its journal was changed.
    """
    root = state_dir / _FOLDER
    known = sorted(path.parent for path in root.glob(f"*/{FILE_NAME}"))
    if name == "latest":
        known.sort(key=lambda folder: (folder / FILE_NAME).stat().st_mtime_ns)
        known = [folder for folder in known if "-rollback-" not in folder.name][-1:]
    else:
        known = [find_folder(state_dir, name)]
    if not known:
        raise ConfigError(
            "there is no run of a runbook", where=str(root), state="nothing was touched", hint="lockgate runbook list"
        )
    runbook, base = _read_lock(known[0])
    return Parent(known[0], read_entries(known[0]), runbook, base)


def _read_lock(folder: Path) -> tuple[Runbook, Path]:
    try:
        table = codec.read_any((folder / _LOCK).read_bytes())
    except FileNotFoundError:
        return Runbook(runbook=folder.name), Path.cwd()
    except (OSError, msgspec.MsgspecError) as error:
        raise ArtifactError("the run's lock cannot be read", where=str(folder / _LOCK), cause=str(error)) from None
    inner = table.get("runbook", table)
    runbook = msgspec.convert(inner if isinstance(inner, dict) else table, Runbook)
    return runbook, Path(table.get("folder") or Path.cwd())


def place_of(tools: TargetTools, level: RollbackLevel, to: str, parent: Parent) -> str:
    """Return where to: for data a backup is always named, so that no other level is tried in its place.

    Raises:
        NoWayBack: The run took no backup and none is named.
    """
    return choose_backup(tools, to, parent.entries).id if level is RollbackLevel.DATA else to


def words_of_loss(tools: TargetTools, level: RollbackLevel, to: str, parent: Parent) -> str:
    """Return what a level would lose."""
    return NOTHING_LOST.get(level) or loss_of(tools, to, parent.entries, parent.runbook)


def look_ahead(
    tools: TargetTools, parent: Parent, level: RollbackLevel, to: str, environment: Mapping[str, str]
) -> RollbackResult:
    """Return every command and statement a rollback would run, in order; nothing is written anywhere."""
    texts: list[str] = []

    def keep(name: str, data: bytes) -> Evidence:
        if name.endswith((".sql", ".txt")):
            texts.extend(data.decode().splitlines())
        return Evidence(name=name)

    to = place_of(tools, level, to, parent)
    loses = words_of_loss(tools, level, to, parent)
    context = _context(parent, parent.folder.name, environment, keep, lambda effect: None, texts.append)
    ended = take_back(tools, _ask(level, to, "a person looks ahead"), dataclasses.replace(context, is_dry_run=True))
    return RollbackResult("", parent.folder.name, level.value, to, "dry run", ended.message, loses, True, tuple(texts))


def roll_run_back(
    tools: TargetTools,
    parent: Parent,
    level: RollbackLevel,
    to: str,
    *,
    actor: str,
    reason: str,
    environment: Mapping[str, str],
    now: Callable[[], datetime],
    new_hex: Callable[[], str],
    tell: Callable[[str], None],
) -> RollbackResult:
    """Take a run back as a run of its own, each step of it in its own journal.

    Raises:
        LeaseHeld: The run is at work. RefusedError: Nothing was touched. InDoubtError: The rollback failed.
    """
    Record(parent.folder, actor=actor).close()  # refused while the run is at work
    name = f"{now():%Y%m%d}-rollback-{new_hex()[:6]}"
    to = place_of(tools, level, to, parent)
    loses = words_of_loss(tools, level, to, parent)
    with (
        hold_target(tools.state_dir, tools.name),
        closing(Record(parent.folder.parent / name, now=now, actor=actor)) as record,
    ):
        _begin(record, tools, parent, level, to, reason, loses)
        ended = _carry_out(record, tools, parent, _ask(level, to, reason), environment, tell)
    return RollbackResult(
        run=name,
        parent=parent.folder.name,
        level=level.value,
        to=to,
        state=ended.state.value,
        message=ended.message,
        loses=loses,
        next_commands=("lockgate verify", "lockgate status", f"lockgate report build {name}"),
    )


def _begin(
    record: Record, tools: TargetTools, parent: Parent, level: RollbackLevel, to: str, reason: str, loses: str
) -> None:
    plan = {"parent": parent.folder.name, "level": level.value, "to": to}
    title = f"Roll back {parent.folder.name}"
    started = {
        "runbook": "rollback",
        "title": title,
        "digest": codec.digest_of(plan),
        "target": tools.name,
        "engine": tools.engine.name,
        "tool_version": __version__,
        "tasks": 1,
        **plan,
    }
    record.append(EntryType.RUN_STARTED, started)
    kind = _CLASSES[level].value
    body = {"level": level.value, "to": to, "why": reason, "failure_class": kind, "loss_window": loses}
    record.append(EntryType.ROLLBACK_STARTED, body)


def _carry_out(
    record: Record,
    tools: TargetTools,
    parent: Parent,
    ask: LevelAsk,
    environment: Mapping[str, str],
    tell: Callable[[str], None],
) -> Done:
    def effect(made: Effect) -> None:
        record.append(EntryType.EFFECT, {"what": made.what, "id": made.id, **made.facts}, task="rollback")

    context = _context(parent, record.folder.name, environment, record.keep, effect, tell)
    try:
        ended = take_back(tools, ask, context)
    except LockgateError as error:
        is_failed = isinstance(error, InDoubtError)
        body = {"level": ask.level.value, "state": "failed", "message": f"{error}; now: {error.state}"}
        record.append(EntryType.ROLLBACK_ENDED, body)
        status = RunStatus.ROLLBACK_FAILED if is_failed else RunStatus.STOPPED
        record.append(EntryType.RUN_ENDED, {"status": status.value, "message": str(error)})
        raise
    end: dict[str, Any] = {"level": ask.level.value, "state": "done", "message": ended.message}
    record.append(EntryType.ROLLBACK_ENDED, {**end, "evidence": ended.evidence})
    record.append(EntryType.RUN_ENDED, {"status": RunStatus.ROLLED_BACK.value, "message": ended.message})
    return ended


def _ask(level: RollbackLevel, to: str, why: str) -> LevelAsk:
    return LevelAsk(level, to, why, _CLASSES[level], is_preauthorised=True)


def _context(
    parent: Parent,
    run: str,
    environment: Mapping[str, str],
    keep: Callable[[str, bytes], Evidence],
    effect: Callable[[Effect], None],
    tell: Callable[[str], None],
) -> TaskContext:
    entries: Sequence[Entry] = parent.entries
    return TaskContext(
        runbook=replace(parent.runbook, preauthorised=tuple(RollbackLevel)),
        task=Task(id="rollback", title="roll back"),
        run=run,
        folder=parent.base,
        run_folder=parent.folder,
        environment=environment,
        values={},
        entries=entries,
        keep=keep,
        effect=effect,
        tell=tell,
        is_stopped=lambda: False,
        timeout_s=24 * 3600.0,
    )
