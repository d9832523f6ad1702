"""Rehearse a plan on a private copy: apply, verify, roll back, compare every row, apply again; all of it measured."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from lockgate.backup.files import StoredFiles
from lockgate.engine.base import Engine, Scope, ScratchOptions
from lockgate.errors import LockgateError
from lockgate.execute.onlookers import Onlookers
from lockgate.execute.retry import Patience
from lockgate.model import codec
from lockgate.model.keys import table_key
from lockgate.model.plan import Plan
from lockgate.model.rehearsal import Outcome, Rehearsal, StepMeasure, seal_rehearsal
from lockgate.model.run import Event, EventType
from lockgate.model.schema import Key, Schema
from lockgate.model.target import Target
from lockgate.workflow.apply_plan import apply_plan
from lockgate.workflow.finalize import finalize
from lockgate.workflow.options import ApplyOptions, FinalizeOptions, NewId, Now, RollbackOptions, random_id, utc_now
from lockgate.workflow.rehearsal_backup import ReadsOtherwise, open_restored_copy
from lockgate.workflow.rehearsal_copy import RehearsalCopy, Tell, open_copy
from lockgate.workflow.roll_back import roll_back

MOST_ROWS = 100_000


@dataclass(frozen=True)
class RehearseOptions:
    """How to rehearse. ``most_rows``: rows copied of one table, 0 for all.

    ``backup`` is restored instead, if given; ``is_backup_wanted``: rather fail than copy rows after all.
    """

    most_rows: int = MOST_ROWS
    backup: StoredFiles | None = None
    is_backup_wanted: bool = False
    patience: Patience = field(default_factory=Patience)
    scratch: ScratchOptions = field(default_factory=ScratchOptions)


def rehearse(
    engine: Engine,
    target: Target,
    plan: Plan,
    options: RehearseOptions | None = None,
    tell: Tell = lambda text: None,
    *,
    now: Now = utc_now,
    new_id: NewId = random_id,
) -> Rehearsal:
    """Rehearse a plan and return what was found; a plan that fails is a result, not an error. The target is only read.

    Raises:
        StalePlan: The live schema, or the backup's, is not what the plan was made for.
        ScratchUnavailable: There is no server of our own, of the target's version, to rehearse on.
        FailedError: The target could not be copied exactly.
        BackupDamaged: The backup does not restore to what it was taken of.
    """
    options = options or RehearseOptions()
    started = now()
    with ExitStack() as stack:
        copy, backup = _open(stack, engine, target, plan, options, tell)
        acts = _Acts(engine, copy, plan, options, tell, now, new_id)
        acts.play()
    return seal_rehearsal(
        Rehearsal(
            plan=plan.id,
            digest=plan.digest,
            target=target.name,
            engine=plan.engine,
            server_version=copy.server.version_text,
            started_at=started.isoformat(timespec="seconds"),
            duration_s=round((now() - started).total_seconds(), 3),
            outcome=Outcome.FAILED if acts.failure else Outcome.PASSED,
            failure=acts.failure,
            acts=tuple(acts.done),
            tables=copy.tables,
            steps=acts.measures(),
            notes=tuple(acts.notes),
            backup=backup,
        )
    )


def _open(
    stack: ExitStack, engine: Engine, target: Target, plan: Plan, options: RehearseOptions, tell: Tell
) -> tuple[RehearsalCopy, str]:
    """Return a copy to rehearse on and the backup it was made of; an empty text when rows were copied."""
    if options.backup is not None:
        restored = open_restored_copy(engine, target, plan, options.backup, options.scratch.url, tell)
        try:
            return stack.enter_context(restored), options.backup.manifest.id
        except ReadsOtherwise as error:
            if options.is_backup_wanted:
                raise
            tell(f"{error.what}: rows are copied from the target")
    return stack.enter_context(open_copy(engine, target, plan, options.scratch, options.most_rows, tell)), ""


@dataclass
class _Acts:
    """The acts of one rehearsal on its copy."""

    engine: Engine
    copy: RehearsalCopy
    plan: Plan
    options: RehearseOptions
    tell: Tell
    now: Now
    new_id: NewId
    failure: str = ""
    done: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    read_s: dict[str, float] = field(default_factory=dict)
    write_s: dict[str, float] = field(default_factory=dict)
    extra: dict[str, int] = field(default_factory=dict)

    def play(self) -> None:
        """Play all acts, until one fails."""
        start = self._rows()
        with Onlookers(self.engine, self.copy.target, self.copy.transfer.disk_used) as onlookers:
            acts: list[tuple[str, Callable[[], None]]] = [
                ("applied and verified", lambda: self._apply(onlookers, "apply")),
                ("rolled back", lambda: self._roll_back(onlookers)),
                ("every row compared: the same as before", lambda: self._compare(start)),
                ("applied again and verified", lambda: self._apply_again(onlookers)),
            ]
            for title, act in acts:
                self.tell(f"rehearsing: {title}")
                try:
                    act()
                except LockgateError as error:
                    self.failure = f"not {title}: {error.what}" + (f" ({error.cause})" if error.cause else "")
                    return
                if self.failure:
                    return
                self.done.append(title)

    def _apply(self, onlookers: Onlookers, act: str) -> None:
        options = ApplyOptions(
            is_other_target_allowed=True, patience=self.options.patience, scratch=self.options.scratch
        )
        watch = _Watch(self, onlookers, act)
        result = apply_plan(self.engine, self.copy.target, self.plan, options, watch, now=self.now, new_id=self.new_id)
        self.notes += [f"{act}: {note}" for note in result.notes if note not in self.notes]
        left = codec.fingerprint(self._inspect())
        if left != self.plan.after and not self.plan.is_empty:
            self.failure = f"after applying, the schema is {left[:12]}, the plan leads to {self.plan.after[:12]}"

    def _apply_again(self, onlookers: Onlookers) -> None:
        """Apply the plan once more; where it cannot go on from what the rollback kept, that is dropped on the copy."""
        if any(step.backward_parks and step.redo is None for step in self.plan.steps):
            options = FinalizeOptions(is_now=True, is_all=True, patience=self.options.patience)
            finalize(self.engine, self.copy.target, "latest", options, now=self.now, new_id=self.new_id)
            self.notes.append("again: what the rollback had kept was dropped on the copy first")
        self._apply(onlookers, "again")

    def _roll_back(self, onlookers: Onlookers) -> None:
        if self.plan.is_empty:
            return
        options = RollbackOptions(patience=self.options.patience, scratch=self.options.scratch)
        roll_back(
            self.engine,
            self.copy.target,
            "start",
            options,
            _Watch(self, onlookers, "undo"),
            now=self.now,
            new_id=self.new_id,
        )

    def _compare(self, start: dict[str, str]) -> None:
        found = self._rows()
        wrong = [path for path, checksum in start.items() if found.get(path) != checksum]
        if wrong:
            self.failure = f"after the rollback rows differ from before in: {', '.join(wrong[:10])}"

    def _rows(self) -> dict[str, str]:
        """Return a checksum of all rows for every table, by dotted name."""
        session = self.engine.connect(self.copy.target, is_read_only=True)
        try:
            keys = [table_key(table) for table in self._inspect().tables if table.partition_of is None]
            return {key.path: self.engine.checksum_rows(session, key) for key in keys}
        finally:
            session.close()

    def _inspect(self) -> Schema:
        session = self.engine.connect(self.copy.target, is_read_only=True)
        try:
            return self.engine.inspect(session, self.engine.identify(session), Scope())
        finally:
            session.close()

    def measures(self) -> tuple[StepMeasure, ...]:
        """Return what was measured, step by step."""
        return tuple(
            StepMeasure(
                id=step.id,
                title=step.title,
                apply_s=self.seconds.get((step.id, "apply"), -1.0),
                undo_s=self.seconds.get((step.id, "undo"), -1.0),
                again_s=self.seconds.get((step.id, "again"), -1.0),
                blocked_reads_s=round(self.read_s.get(step.id, 0.0), 3),
                blocked_writes_s=round(self.write_s.get(step.id, 0.0), 3),
                extra_bytes=self.extra.get(step.id, 0),
            )
            for step in self.plan.steps
        )


@dataclass
class _Watch:
    """An observer that turns the onlookers to the table of the running step, and notes what they saw."""

    acts: _Acts
    onlookers: Onlookers
    act: str

    def __post_init__(self) -> None:
        self.tables = {table_key(t).path: table_key(t) for t in self.acts.copy.schema.tables}
        self.began = 0.0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        timer = self.acts.options.patience.timer
        if event.type is EventType.STEP_STARTED:
            self.onlookers.turn_to(self._table(event.step))
            self.began = timer()
        elif event.type in (EventType.STEP_DONE, EventType.STEP_UNDONE):
            acts, sight = self.acts, self.onlookers.sight
            acts.seconds[event.step_id, self.act] = round(timer() - self.began, 3)
            acts.read_s[event.step_id] = max(acts.read_s.get(event.step_id, 0.0), sight.read_s)
            acts.write_s[event.step_id] = max(acts.write_s.get(event.step_id, 0.0), sight.write_s)
            more = sight.most_bytes - sight.first_bytes
            acts.extra[event.step_id] = max(acts.extra.get(event.step_id, 0), more)

    def _table(self, number: int) -> Key | None:
        return self.tables.get(self.acts.plan.steps[number].table)
