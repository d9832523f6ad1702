"""One restore under way: what its phases work with, and what several of them do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from lockgate.backup.files import StoredFiles
from lockgate.backup.repository import Backup, Repository
from lockgate.backup.restores import RestoreLog
from lockgate.backup.verify import compare_facts, load_backup, read_restored_facts, schema_problem, stored_schema
from lockgate.engine.backup import LoadOptions
from lockgate.engine.base import Engine, Session
from lockgate.engine.swap import Places, SwapOptions
from lockgate.errors import BackupFailed, LockgateError, RefusedError
from lockgate.execute.execution import Execution
from lockgate.execute.lease import free_lease
from lockgate.model.backup import Manifest
from lockgate.model.restore import Phase, Restore, Where
from lockgate.model.schema import Schema
from lockgate.model.target import Target
from lockgate.store.lease import lease_name
from lockgate.store.restored import carry_token, mark_restored, mark_under_way, read_marks, write_note
from lockgate.store.runs import find_unfinished
from lockgate.store.sessions import carry_sessions
from lockgate.store.tables import Store, ensure_tables, journal_names
from lockgate.workflow.restore_plan import RestoreOptions

Tell = Callable[[str], None]
_LOOK_S = 1.0


@dataclass
class Work:
    """A restore under way. ``item`` is what is written down; ``enter`` writes a phase down before it begins."""

    engine: Engine
    target: Target
    repository: Repository
    options: RestoreOptions
    tell: Tell
    item: Restore
    notes: list[str] = field(default_factory=list)
    app: str = ""

    @property
    def log(self) -> RestoreLog:
        """Where it is written down."""
        return RestoreLog(self.repository.root)

    @property
    def places(self) -> Places:
        """The databases it is about."""
        dialect = self.engine.swap()
        return Places(
            live=self.target,
            incoming=dialect.place(self.target, self.item.side),
            kept=dialect.place(self.target, self.item.kept or "-"),
        )

    @property
    def about(self) -> dict[str, str]:
        """What hooks are told in their environment."""
        return {"LOCKGATE_TARGET": self.target.name, "LOCKGATE_RESTORE": self.item.id}

    def enter(self, phase: Phase, message: str, **fields: object) -> None:
        """Write down that a phase begins, then tell."""
        self.item = self.log.save(replace(self.item, **fields), phase)
        self.tell(message)

    def close(self, phase: Phase, problem: str = "") -> None:
        """Write down that it has come to rest."""
        self.item = self.log.save(replace(self.item, problem=problem, record=""), phase)
        shutil.rmtree(self.log.work_folder(self.item), ignore_errors=True)

    # phases

    def stop_application(self) -> None:
        """Record the application's state, then stop it."""
        hooks = self.options.hooks
        if not hooks.is_given or self.item.is_stopped:
            return
        state = hooks.read_state(self.about)
        self.enter(
            Phase.STOPPING, f"stopping the application{f' (its state is {state})' if state else ''}",
            app_state=state, is_stopped=True,
        )  # fmt: skip
        hooks.stop(self.about, state)

    def start_application(self) -> None:
        """Put the recorded state of the application back, when it was stopped."""
        if not self.item.is_stopped:
            return
        self.app = self.options.hooks.start(self.about, self.item.app_state)
        self.item = self.log.save(replace(self.item, is_stopped=False))
        if self.app:
            self.tell(f"application: {self.app}")

    def load(self, execution: Execution, files: StoredFiles) -> None:
        """Load the backup into an empty database beside the live one."""
        side = self.places.incoming
        dialect = self.engine.swap()
        if not self.item.is_made and dialect.exists(side):
            raise taken(self.item.side)
        self.enter(Phase.LOADING, f"loading {self.item.backup} into {self.item.side}", is_made=True)
        dialect.create(execution.session, execution.server, side)
        folder = self.log.work_folder(self.item)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        options = LoadOptions(
            work=folder,
            jobs=self.options.settings.jobs,
            tables=self.options.tables or None,
            is_private=False,
        )
        try:
            load_backup(self.engine, files, side, options)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        session = self.engine.connect(side, is_read_only=False)
        try:
            dialect.make_ready(session)
        finally:
            session.close()

    def check_side(self, manifest: Manifest) -> None:
        """Compare what was loaded beside with the manifest.

        Raises:
            BackupFailed: It differs; names tables and both counts.
        """
        self.enter(Phase.CHECKING, f"comparing {self.item.side} with the manifest of {manifest.id}")
        session = self.engine.connect(self.places.incoming, is_read_only=True)
        try:
            wrong = self.find_wrong(session, manifest, is_marked=False)
        finally:
            session.close()
        if wrong:
            raise BackupFailed("what was restored is not what was backed up", where=self.item.side, cause=wrong)

    def find_wrong(self, session: Session, manifest: Manifest, *, is_marked: bool = True) -> str:
        """Say how a restored database differs from the manifest; empty when it does not.

        Args:
            is_marked: Its journal was written to since it was loaded, and is left out.
        """
        wanted = _wanted(manifest, self.options, journal_names(self.engine.state) if is_marked else frozenset())
        wrong = compare_facts(wanted, read_restored_facts(self.engine, session, wanted))
        if wrong or self.options.tables:
            return wrong
        files = self.files(manifest)
        if is_marked:
            return schema_problem(self.engine, files, session)
        damage = self.engine.backup().check(session)
        if damage:
            return "; ".join(damage[:5])
        return schema_problem(self.engine, files, session, self._as_live(manifest))

    def files(self, manifest: Manifest) -> StoredFiles:
        """Return the files of the backup."""
        return StoredFiles(Backup(folder_of(self.item), manifest), self.options.identities)

    def active_of(self, manifest: Manifest) -> tuple[str, ...]:
        """Return what ran by itself when the backup was taken."""
        stored = stored_schema(self.files(manifest))
        return self.engine.swap().active(stored) if stored is not None else ()

    def _as_live(self, manifest: Manifest) -> Callable[[Schema], Schema]:
        """Return what reads a schema that was loaded beside as it would be read under the live name."""
        stored = stored_schema(self.files(manifest))
        if stored is None:
            return lambda schema: schema
        return lambda schema: self.engine.swap().as_live(schema, stored, self.target)

    def mark_side(self, execution: Execution) -> None:
        """Say in the loaded database's own journal whose it is; that journal is the backup's, which fits its rows."""
        session = self.engine.connect(self.places.incoming, is_read_only=False)
        try:
            store = Store(session, self.engine.state)
            ensure_tables(store)
            carry_token(execution.store, store)
            carry_sessions(execution.store, store)
            mark_restored(store, self.item.id)
            mark_under_way(store, self.item.id)
            force = ", by force" if self.item.is_forced else ""
            text = f"restored from {self.item.backup} by {self.item.operator or 'somebody'}{force}"
            write_note(store, self.item.id, text, execution.timestamp())
            run = find_unfinished(store)
            if run is not None:
                self.notes.append(
                    f"the backup holds run {run.id}, which was under way then: lockgate recover closes it"
                )
        finally:
            session.close()

    # the swap

    def swap_options(self, check: Callable[[Session], None] = lambda session: None) -> SwapOptions:
        """Return how to swap, and what looks at the database that is live then."""
        return SwapOptions(
            lease=lease_name(self.target), check=check, lock_s=self.options.lock_s, on_live=self._note_live
        )

    def is_used(self, session: Session) -> bool:
        """Tell whether others are connected, also those who come only for a moment each."""
        end = time.monotonic() + _LOOK_S
        while not self.engine.swap().check(session, self.places).sessions:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def _note_live(self) -> None:
        """Write down that others may write to what was restored from now on; a full disk does not keep it."""
        self.item = replace(self.item, was_live=True)
        with suppress(LockgateError):
            self.item = self.log.save(self.item)

    def swap(self, execution: Execution, check: Callable[[Session], None]) -> None:
        """Swap as the record says; the execution goes on with a session on what is live then."""
        execution.session = self.engine.swap().swap(execution.session, self.item.record, self.swap_options(check))

    def where(self) -> Where:
        """Look up which database is in place."""
        return self.engine.swap().where(self.target, self.item.record, self.read_marker())

    def read_marker(self) -> str:
        """Return the restore whose database the live one is, as its own journal says; empty when it does not."""
        with suppress(LockgateError):
            session = self.engine.connect(self.target, is_read_only=True)
            try:
                return read_marks(Store(session, self.engine.state))[0]
            finally:
                session.close()
        return ""

    def drop_side(self) -> bool:
        """Drop what was loaded beside; what cannot be dropped is told. Tells whether nothing of it is left."""
        if not self.item.is_made:
            return True
        try:
            self.engine.swap().drop(self.places.incoming)
        except (LockgateError, OSError) as error:
            self.notes.append(f"{self.item.side} is left and can be dropped: {error}")
            return False
        return True


def release(execution: Execution, first: Session) -> None:
    """Free the lease of the session that a swap gave, and end it; the first one is its opener's."""
    if execution.session is not first:
        free_lease(execution.session, execution.engine.state)
        execution.session.close()


def taken(name: str) -> RefusedError:
    """Return the error for a name that something else has."""
    return RefusedError(
        f"there is a database {name} already",
        state="nothing was touched",
        hint="name another one with --into, or drop this one when nobody needs it",
    )


def side_exists(work: Work) -> bool:
    """Tell whether the loaded database is there."""
    return work.engine.swap().exists(work.places.incoming)


def _wanted(manifest: Manifest, options: RestoreOptions, journal: frozenset[str]) -> Manifest:
    """Return the manifest with the tables that are to be found in the restored database."""
    names = {key.path for key in options.tables}
    facts = tuple(fact for fact in manifest.tables if fact.table not in journal and (not names or fact.table in names))
    return replace(manifest, tables=facts)


def folder_of(item: Restore) -> Path:
    """Return the folder of the backup that is restored."""
    return Path(item.folder)
