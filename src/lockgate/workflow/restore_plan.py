"""What a restore would do, lose and need; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lockgate.backup.hooks import Hooks
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.restores import RestoreLog
from lockgate.backup.settings import BackupSettings
from lockgate.engine.base import Engine, ScratchOptions
from lockgate.engine.swap import Places, SwapCheck
from lockgate.errors import RefusedError
from lockgate.execute.counts import count_tables
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model.backup import BackupKind, Manifest
from lockgate.model.restore import LostRows, RestorePlan
from lockgate.model.schema import Key
from lockgate.model.server import Server
from lockgate.model.target import Target
from lockgate.store.tables import journal_names
from lockgate.workflow.options import EXACT_COUNT_ROWS, NewId, Now, ignore_event, random_id, utc_now


@dataclass(frozen=True)
class RestoreOptions:
    """How to restore.

    ``into`` names a new database that is only loaded beside; ``tables`` only these, which never replace anything.
    ``is_checked``: rows and schema are compared with the manifest. ``is_forced`` skips questions, never checks.
    """

    is_checked: bool = True
    is_forced: bool = False
    tables: tuple[Key, ...] = ()
    into: str = ""
    identities: Sequence[Any] = ()
    settings: BackupSettings = field(default_factory=BackupSettings)
    scratch: ScratchOptions = field(default_factory=lambda: ScratchOptions(holds_rows=True))
    patience: Patience = field(default_factory=Patience)
    lock_s: float = 30.0
    operator: str = ""

    @property
    def is_swapped(self) -> bool:
        """Whether the live database is replaced."""
        return not self.into and not self.tables

    @property
    def hooks(self) -> Hooks:
        """The application's hooks; none when nothing is replaced."""
        return Hooks(self.settings.hooks if self.is_swapped else {})


def plan_restore(
    engine: Engine,
    target: Target,
    repository: Repository,
    backup: Backup,
    options: RestoreOptions,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> RestorePlan:
    """Say what restoring a backup would do, with every command and statement in order; writes nothing.

    Raises:
        RefusedError: It cannot be done: an unfinished restore or run, another engine, an older server, no rights or
            room.
    """
    check_no_other(repository, target)
    with open_reading(
        engine, target, patience=options.patience, observer=ignore_event, now=now, new_id=new_id
    ) as execution:
        check_backup(engine, execution.server, backup.manifest, options)
        places = name_places(engine, target, options, new_id())
        found = engine.swap().check(execution.session, places)
        if engine.swap().exists(places.incoming):
            found = SwapCheck((*found.problems, f"there is a database {place_text(places.incoming)} already"))
        found = _with_room(engine, execution, backup.manifest, found)
        if found.problems:
            raise RefusedError(
                f"{target.name} cannot be restored as it is",
                where=target.display,
                cause="; ".join(found.problems),
                state="nothing was touched",
                hint="mend what is named, then repeat the command",
            )
        return _describe(execution, repository, backup, options, places, found)


def check_no_other(repository: Repository, target: Target) -> None:
    """Refuse while a restore of the target is unfinished.

    Raises:
        RefusedError: It names it.
    """
    other = RestoreLog(repository.root).unfinished(target.display)
    if other is not None:
        raise RefusedError(
            f"restore {other.id} of {other.backup} is unfinished ({other.phase.value})",
            where=target.display,
            cause=f"it was begun {other.started_at} by {other.operator or 'somebody'}",
            state="nothing was touched",
            hint="lockgate restore --resume goes on with it, lockgate restore --abort gives it up",
        )


def check_backup(engine: Engine, server: Server, manifest: Manifest, options: RestoreOptions) -> None:
    """Refuse a backup that cannot be restored here.

    Raises:
        RefusedError: It is of another engine or a newer server, or does not hold what is asked for.
    """
    cause = ""
    series = engine.swap().series
    if manifest.engine != engine.name or manifest.flavor != server.flavor:
        cause = f"it was taken of {manifest.flavor}, this is {server.flavor}"
    elif manifest.version[:series] > server.version[:series]:
        cause = f"it was taken of {manifest.flavor} {manifest.server_version}, this is {server.version_text}"
    elif options.is_swapped and manifest.kind not in (BackupKind.FULL, BackupKind.LOG):
        cause = f"it is of kind {manifest.kind.value} and does not hold the whole database"
    elif not manifest.kind.holds_rows and not options.into:
        cause = f"it is of kind {manifest.kind.value} and holds no rows"
    known = {fact.table for fact in manifest.tables}
    missing = [key.path for key in options.tables if key.path not in known]
    if missing:
        cause = f"it does not hold {', '.join(missing)}"
    if cause:
        raise RefusedError(
            f"the backup {manifest.id} cannot be restored here",
            cause=cause,
            state="nothing was touched",
            hint="lockgate backup list shows what there is",
        )


def name_places(engine: Engine, target: Target, options: RestoreOptions, restore: str) -> Places:
    """Return the databases of a restore by its id."""
    dialect = engine.swap()
    word = "restore" if options.is_swapped else "restored"
    side = options.into or dialect.name(target, word, restore)
    kept = dialect.name(target, "before", restore)
    return Places(live=target, incoming=dialect.place(target, side), kept=dialect.place(target, kept))


def place_text(target: Target) -> str:
    """Return a database's name for people and for the restore's record: its path where it is a file."""
    return target.path or target.database


def _with_room(engine: Engine, execution: Execution, manifest: Manifest, found: SwapCheck) -> SwapCheck:
    free, needed = engine.free_bytes(execution.session), _bytes_needed(manifest)
    if free is None or free >= needed:
        return found
    problem = f"{free >> 20} MiB are free for the database, about {needed >> 20} MiB are needed beside the old one"
    return SwapCheck((*found.problems, problem), found.warnings, found.sessions)


def _bytes_needed(manifest: Manifest) -> int:
    return manifest.bytes_plain * 13 // 10


def _describe(
    execution: Execution,
    repository: Repository,
    backup: Backup,
    options: RestoreOptions,
    places: Places,
    found: SwapCheck,
) -> RestorePlan:
    engine, manifest, target = execution.engine, backup.manifest, places.live
    proven = repository.verifications().get(backup.id, ())
    estimates = [item.restore_s for item in proven if item.restore_s >= 0]
    lost, objects = _lost(execution, manifest) if options.is_swapped else ((), ())
    return RestorePlan(
        id=place_id(engine, places, options),
        backup=backup.id,
        kind=manifest.kind.value,
        target=target.display,
        database=target.name,
        side=place_text(places.incoming),
        kept=place_text(places.kept) if options.is_swapped else "",
        snapshot_at=manifest.snapshot_at,
        age_s=_age(manifest.snapshot_at, execution.now()),
        is_verified=is_proven(repository, backup),
        is_atomic=engine.swap().is_atomic,
        swap=engine.swap().how if options.is_swapped else "nothing is replaced",
        lost=lost,
        objects_lost=objects,
        sessions=found.sessions if options.is_swapped else (),
        estimate_s=estimates[-1] if estimates else -1.0,
        bytes_needed=_bytes_needed(manifest),
        bytes_free=_known(engine.free_bytes(execution.session)),
        warnings=found.warnings,
        questions=_questions(manifest, target, options, found),
        steps=_steps(execution, repository, backup, options, places),
    )


def place_id(engine: Engine, places: Places, options: RestoreOptions) -> str:
    """Return the id that stands in the names of the places."""
    text = place_text(places.kept)
    return text.rsplit("_", 1)[-1].split(".", 1)[0]


def is_proven(repository: Repository, backup: Backup) -> bool:
    """Tell whether this very backup was verified in this repository."""
    proven = repository.verifications().get(backup.id, ())
    return backup.folder.parent == repository.published and bool(proven) and proven[-1].is_verified


def _known(value: int | None) -> int:
    return -1 if value is None else value


def _age(text: str, now: datetime) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return -1.0
    return round((now - moment).total_seconds(), 1) if moment.tzinfo else -1.0


def _lost(execution: Execution, manifest: Manifest) -> tuple[tuple[LostRows, ...], tuple[str, ...]]:
    """Return the tables that differ in rows, and the objects that are not in the backup."""
    schema = execution.inspect(include_own=True)
    journal = journal_names(execution.engine.state)
    there = {fact.table: fact.rows for fact in manifest.tables if fact.table not in journal}
    counts = {count.table: count.rows for count in count_tables(execution, schema, EXACT_COUNT_ROWS)}
    lost = [
        LostRows(table=name, now=rows, backup=there.get(name, -1))
        for name, rows in sorted(counts.items())
        if rows != there.get(name, -1)
    ]
    lost += [LostRows(table=name, now=-1, backup=rows) for name, rows in sorted(there.items()) if name not in counts]
    return tuple(lost), tuple(f"table {item.table}" for item in lost if item.backup < 0)


def _questions(manifest: Manifest, target: Target, options: RestoreOptions, found: SwapCheck) -> tuple[str, ...]:
    if not options.is_swapped:
        return ()
    asked = []
    own = target.database or target.path.replace("\\", "/").rsplit("/", 1)[-1]
    if manifest.database != own:
        asked.append(f"the backup is of the database {manifest.database}, this one is {own}")
    if found.sessions and not options.hooks.is_given:
        asked.append(f"{len(found.sessions)} sessions are connected and will be ended: {'; '.join(found.sessions[:3])}")
    return tuple(asked)


def _steps(
    execution: Execution, repository: Repository, backup: Backup, options: RestoreOptions, places: Places
) -> tuple[str, ...]:
    """Return every step in order, with the commands and statements of each."""
    engine, manifest, hooks = execution.engine, backup.manifest, options.hooks.commands
    side, kept = place_text(places.incoming), place_text(places.kept)
    level = (
        "compare its checksums"
        if is_proven(repository, backup)
        else "compare checksums, test restore on a private server"
    )
    steps = [f"verify {backup.folder}: {level}"]
    if options.is_swapped and not engine.swap().is_atomic:
        steps.append(f"take a safety backup of {places.live.display} into {repository.root}")
    steps += [f"run the {name} hook: {hooks[name]}" for name in ("state", "stop") if name in hooks]
    steps.append(f"create {side}, empty, with the defaults of {place_text(places.live)}")
    steps.append(f"load {manifest.id} into {side}")
    steps += [f"  as by hand: {line}" for line in manifest.restore if line and not line.startswith("#")]
    if options.is_checked:
        steps.append(
            f"compare {len(manifest.tables)} tables (rows, checksums) and the schema of {side} with the manifest"
        )
    if not options.is_swapped:
        return tuple(steps)
    steps.append(f"write into {side}, in Lockgate's own tables, which restore it is of")
    tables = [fact.table for fact in manifest.tables]
    steps += [f"swap: {line}" for line in engine.swap().steps(execution.session, places, tables)]
    if options.is_checked:
        steps.append("compare rows, checksums and schema again; swap back by itself when they differ")
    steps += [f"run the start hook with the recorded state: {hooks['start']}"] if "start" in hooks else []
    steps.append(
        f"keep the old database as {kept}, until: lockgate restore --drop-kept {place_id(engine, places, options)}"
    )
    return tuple(steps)
