"""What every effect works with: one session that holds the lease, our tables, the clock and the observers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lockgate.engine.base import Engine, Scope, Session
from lockgate.errors import LockgateError
from lockgate.execute.interrupt import Interrupts
from lockgate.execute.retry import Patience, run_with_patience
from lockgate.model.codec import canonical_schema, encode
from lockgate.model.run import JOURNALED, Event, EventType, Observer, Run
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server
from lockgate.model.target import Target
from lockgate.store import runs
from lockgate.store.fence import check_token
from lockgate.store.lease import lease_name
from lockgate.store.tables import Store, without_journal


@dataclass
class Execution:
    """One piece of work on one target. ``tables`` maps dotted names to keys, as the last inspection saw them."""

    engine: Engine
    target: Target
    session: Session
    server: Server
    patience: Patience
    observer: Observer
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    holder: str
    interrupts: Interrupts = field(default_factory=Interrupts)
    run: Run | None = None
    seq: int = 0
    tables: dict[str, Key] = field(default_factory=dict)
    invalid_indexes: frozenset[str] = frozenset()
    sent: list[str] = field(default_factory=list)
    token: int = 0
    _numbering: threading.Lock = field(default_factory=threading.Lock)

    @property
    def store(self) -> Store:
        """Our tables through this session."""
        return Store(self.session, self.engine.state)

    def timestamp(self) -> str:
        """Return the time as text, UTC."""
        return self.now().isoformat(timespec="milliseconds")

    def tell(self, kind: EventType, **fields: Any) -> Event:
        """Tell the observer; what it raises has no effect."""
        event = self.next_event(kind, **fields)
        self.show(event)
        return event

    def journal(self, kind: EventType, **fields: Any) -> Event:
        """Write a row of the journal in a transaction of its own, trying again while it is locked; then tell."""
        event = run_with_patience(
            lambda: self._write_alone(kind, **fields),
            self.patience,
            lambda: self.session.blockers(None),
            lambda seconds, attempts, blockers: None,
            lambda: False,
        )
        self.show(event)
        return event

    def _write_alone(self, kind: EventType, **fields: Any) -> Event:
        self.session.begin(is_chunk=True)
        try:
            event = self.write(kind, **fields)
            self.session.commit()
        except LockgateError:
            self.roll_back_quietly()
            raise
        return event

    def roll_back_quietly(self) -> None:
        """Roll back after an error, which matters more than one of the rollback."""
        try:
            self.session.rollback()
        except LockgateError:
            pass

    def check_lease(self) -> None:
        """Refuse, within the open transaction, to write when another runner has taken the lease; see `store.fence`."""
        if self.token:
            check_token(self.store, self.token, lease_name(self.target))

    def write(self, kind: EventType, **fields: Any) -> Event:
        """Write a row of the journal without telling anybody (it may not be committed yet)."""
        assert kind in JOURNALED, kind
        self.check_lease()
        event = self.next_event(kind, **fields)
        runs.insert_event(self.store, event)
        return event

    def show(self, event: Event) -> None:
        """Hand an event to the observer."""
        try:
            self.observer(event)
        except Exception:  # noqa: BLE001 — an observer may fail without effect
            pass

    def next_event(self, kind: EventType, **fields: Any) -> Event:
        """Return an event with the next number."""
        with self._numbering:
            self.seq += 1
            number = self.seq
        run = self.run
        return Event(
            run=run.id if run else "",
            seq=number,
            type=kind,
            ts=self.timestamp(),
            **{"state": run.state.value if run else "", **fields},
        )

    def use_run(self, run: Run) -> None:
        """Go on with this run: its journal's numbers go up from its last row."""
        if self.run is None or self.run.id != run.id:
            self.seq = runs.last_seq(self.store, run.id)
        self.run = run

    def inspect(self, *, include_own: bool = False) -> Schema:
        """Read the live schema without limits."""
        self.free_limits()
        schema = self.engine.inspect(self.session, self.server, Scope(include_own=include_own))
        self.note_schema(schema)
        return without_journal(schema, self.engine.state) if include_own else schema

    def is_there(self, name: str) -> bool:
        """Tell whether an object (or column) of this reserved name exists."""
        bare = name.rsplit(".", 1)[-1].strip('`"')
        return f'"{bare}"'.encode() in encode(self.inspect(include_own=True))

    def note_schema(self, schema: Schema) -> None:
        """Remember what the live schema holds, to find tables by their dotted names."""
        for table in schema.tables:
            key = Key("table", table.namespace, table.name)
            self.tables[key.path] = key

    def free_limits(self) -> None:
        """Let what follows run without a statement limit."""
        self.session.set_limits(max(self.patience.lock_timeout_ms, 10_000), 0)


def invalid_indexes(schema: Schema) -> frozenset[str]:
    """Return the dotted names of indexes that the server left unfinished."""
    return frozenset(
        f"{table.namespace}.{table.name}.{index.name}"
        for table in canonical_schema(schema).tables
        for index in table.indexes
        if not index.is_valid
    )
