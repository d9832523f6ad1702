"""What an engine is: a frozen record of functions, and the session they work through.

Everything outside ``engine/`` speaks to a database through these types only and never asks which engine it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from lockgate.engine.activity import Activity
    from lockgate.engine.backup import BackupDialect
    from lockgate.engine.defects import DefectDialect
    from lockgate.engine.logs import LogDialect
    from lockgate.engine.readiness import Readiness
    from lockgate.engine.swap import SwapDialect
    from lockgate.model.change import Change
    from lockgate.model.ddl import DdlDialect
    from lockgate.model.op import Op, Program, Statement, Strategy
    from lockgate.model.probed import Probed
    from lockgate.model.schema import Column, Key, Schema, Table
    from lockgate.model.server import Server
    from lockgate.model.target import Target


class Row(NamedTuple):
    """Documentation only: rows are plain tuples of Python values in the order of the query."""


class Blocker(NamedTuple):
    """Somebody who holds what we wait for: ``pid 4711 app@10.0.0.7 idle in transaction 4 min``.

    ``age_s`` is how long the transaction has been open, ``idle_s`` how long it has done nothing (-1: it works, or that
    is not told). ``is_sure`` is false where the server only tells who has a transaction open, not what it holds.
    """

    session_id: str
    description: str
    age_s: float = 0.0
    idle_s: float = -1.0
    is_sure: bool = True


class Session(Protocol):
    """One connection. Not thread-safe, but for ``cancel``.

    ``tag`` is a comment that ``execute`` sends before each statement, so that others see whose it is; where a server
    shows nobody's statements it is not sent.
    """

    target: Target
    tag: str

    @property
    def session_id(self) -> str:
        """The server's own id of this connection."""

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with ``%s`` placeholders (a literal ``%`` doubled only with params); return its rows.

        Raises:
            LockTimeout, StatementTimeout, StatementFailed, ConnectionLost: Translated from the driver's error.
        """

    def execute(self, sql: str) -> int:
        """Send one statement exactly as it is; return the number of rows it changed (0 when unknown)."""

    def begin(self, *, is_chunk: bool = False) -> None:
        """Open a transaction for a step (SQLite: foreign keys off first, then BEGIN IMMEDIATE).

        ``is_chunk``: for one range of a copy, which touches our own tables only; nothing is looked at around it.
        """

    def commit(self) -> None:
        """Commit it (SQLite: after PRAGMA foreign_key_check as a hard gate; foreign keys on again afterwards)."""

    def rollback(self) -> None:
        """Roll the open transaction back; nothing when none is open."""

    def set_limits(self, lock_timeout_ms: int, statement_timeout_ms: int) -> None:
        """Set the limits for the statements that follow; 0 means no limit."""

    def cancel(self) -> None:
        """Cancel the running statement; callable from another thread or a signal handler."""

    def blockers(self, table: Key | None) -> tuple[Blocker, ...]:
        """Return who holds locks on a table (or blocks this session); empty when the server does not tell."""

    def end_session(self, session_id: str) -> bool:
        """End somebody else's session, who asked for it by name; False when the server refuses."""

    def orphans(self) -> tuple[Blocker, ...]:
        """Return other sessions in which a statement of ours (by its tag) still runs on this database."""

    def take_notes(self) -> tuple[str, ...]:
        """Return what people should know of the statements so far, once each."""

    def acquire_lease(self, name: str) -> bool:
        """Take the advisory lock ``name`` in this very session without waiting; False when another holds it.

        It is freed by ``release_lease`` and by the end of the session, however that comes about.
        """

    def release_lease(self, name: str) -> None:
        """Free the advisory lock."""

    def is_alive(self) -> bool:
        """Tell whether the connection still answers."""

    def close(self) -> None:
        """Close the connection; never raises."""


@dataclass(frozen=True)
class Scope:
    """What to inspect. ``include_own``: also Lockgate's parked objects (never its journal tables)."""

    include_own: bool = False


@dataclass(frozen=True)
class ParkNames:
    """Gives reserved names: ``names.next("users")`` → ``lockgate_p7_users``, cut to the engine's limit.

    Deterministic: numbers go up from ``first``, which the engine finds in the live database.
    """

    counter: list[int]
    max_length: int = 60

    def next(self, original: str) -> str:
        """Return a fresh reserved name that ends in (a part of) the original one."""
        number = self.counter[0]
        self.counter[0] += 1
        prefix = f"lockgate_p{number}_"
        kept = original.encode()[: self.max_length - len(prefix)].decode(errors="ignore")
        return prefix + kept


NO_STRATEGIES: Mapping[Key, Strategy] = MappingProxyType({})
"""Plain DDL for every table."""


@dataclass(frozen=True)
class LoadDialect:
    """What tells how busy a server is.

    * ``count_active(session)`` is how many other sessions run a statement now.
    * ``lag_of_replicas(session)`` is how far the replicas that the server itself knows of are behind: name and seconds.
    * ``lag_here(session)`` is how far this very server is behind as a replica, in seconds; None when that cannot be
      told (it is none, or its replication stands still).
    """

    count_active: Callable[[Session], int]
    lag_of_replicas: Callable[[Session], tuple[tuple[str, float], ...]]
    lag_here: Callable[[Session], float | None]


class TableSize(NamedTuple):
    """Estimated rows and bytes, from statistics; -1 when unknown."""

    rows: int
    bytes: int


class SourceStatement(NamedTuple):
    """One statement of a script and the line it starts on, from 1; no trailing delimiter."""

    text: str
    line: int


class Prober(Protocol):
    """Runs statements on a private scratch copy and finds out what each of them did to others and to its table."""

    def begin(self) -> None:
        """Open a transaction, as the session does."""

    def run(self, statement: Statement) -> Probed | None:
        """Run one statement, exactly once, as it would be run; None where its text says all there is to know.

        Raises:
            LockTimeout, StatementTimeout, StatementFailed, ConnectionLost: As ``Session.execute`` does.
        """


class Scratch(Protocol):
    """A throw-away place of the target's version. ``is_private``: nothing run there can reach the target."""

    server: Server
    is_private: bool

    def create_database(self, name: str) -> Session:
        """Create an empty database with the target's defaults; return a session in it, which its owner closes."""


@dataclass(frozen=True)
class ScratchOptions:
    """Where a scratch may be had: ``url`` of a server given for it, and whether one beside the target is allowed.

    ``holds_rows``: as much as the target may come into it, so it is on a disk.
    """

    url: str = ""
    is_beside_target_allowed: bool = False
    holds_rows: bool = False


class LockLimits(NamedTuple):
    """How long one attempt may wait for a lock, in milliseconds.

    Others queue behind us while we wait, if the statement's `Blocks` is in ``queued`` (by value): such an attempt waits
    ``attempt_ms`` at most; all others wait ``free_ms``. Before each attempt go ``peeks`` of ``peek_ms``, for a
    statement that does nothing before it asks for the lock (``peeked``) and so loses nothing by being refused.
    """

    attempt_ms: int
    peek_ms: int
    peeks: int
    free_ms: int
    queued: frozenset[str]
    peeked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StateDialect:
    """How our own tables are written on this engine, and what waiting for its locks costs others.

    ``prefix`` stands before every name (``lockgate.`` or ``lockgate_``); ``setup`` are idempotent statements to run
    before the tables are made; the types are for a text of any length, a bigint, and an ascending key column.
    ``is_ddl_transactional``: DDL and journal rows share a transaction. ``has_one_writer``: writers keep each other out
    and do not queue, but try again after a while, so that a copy must leave gaps they find. ``for_update`` ends a
    SELECT that locks its rows.
    """

    prefix: str
    setup: tuple[str, ...]
    text: str
    short_text: str
    bigint: str
    serial_key: str
    table_suffix: str
    is_ddl_transactional: bool
    locks: LockLimits
    has_one_writer: bool = False
    for_update: str = " FOR UPDATE"


@dataclass(frozen=True)
class ProgramDialect:
    """How other programs that change a table are driven.

    * ``names`` of the programs, by strategy.
    * ``options(session)`` is the text of a file that tells the program how to connect; nobody else may read it.
    * ``arguments(program, session, file, pace)`` what it is called with; nothing secret is in there. ``pace`` is the
      seconds a chunk may take and of rest after it, ``most_active`` and ``critical_active`` sessions (0: the program's
      own limits) and the milliseconds it may wait for a lock.
    * ``problem(session, program)`` says why it cannot be begun now; empty when it can.
    * ``progress(line)`` is a line of its output in our words, without values of rows; empty when it tells nothing.
    * ``is_running(session, program)`` tells whether one is at work on this database.
    * ``leftovers(session, program)`` are the statements that take away what it left.
    """

    names: Mapping[Strategy, str]
    options: Callable[[Session], str]
    arguments: Callable[[Program, Session, str, ProgramPace], tuple[str, ...]]
    problem: Callable[[Session, Program], str]
    progress: Callable[[str], str]
    is_running: Callable[[Session, Program], bool]
    leftovers: Callable[[Session, Program], tuple[str, ...]]


class ProgramPace(NamedTuple):
    """How much of the server a program may take; see `ProgramDialect`."""

    chunk_s: float
    rest_s: float
    most_active: int
    critical_active: int
    lock_ms: int


@dataclass(frozen=True)
class RowTransfer:
    """How rows get from a live database into a scratch copy of its schema, every value the very same.

    * ``begin(source)`` opens a read-only transaction in which all tables are seen at one moment; ``rollback`` ends it.
    * ``prepare(copy)`` lets rows come in any order, without triggers where the engine can.
    * ``copy_rows(source, copy, table, condition, limit)`` copies the rows for which a condition in SQL holds (all when
      it is empty), at most ``limit`` (0: all), and returns how many were put in. Rows that are there are left alone.
    * ``finish(source, copy, schema)`` sets counters and sequences as the source has them, and statistics.
    * ``literal_of(column)`` is an SQL expression for the text of a literal that reads as the column's value.
    * ``disk_used(session)`` is how many bytes the database takes.
    """

    begin: Callable[[Session], None]
    prepare: Callable[[Session], None]
    copy_rows: Callable[[Session, Session, Table, str, int], int]
    finish: Callable[[Session, Session, Schema], None]
    literal_of: Callable[[Column], str]
    disk_used: Callable[[Session], int]


def _nothing_primed(_schema: Schema, _texts: tuple[str, ...]) -> None:
    """Where the catalogue is read and no text is parsed."""


def _no_programs() -> ProgramDialect | None:
    return None


def _no_logs() -> LogDialect | None:
    return None


def _no_texts(_schema: Schema) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Engine:
    """A database engine: its name and the functions in which it differs. See the type of each field.

    * ``connect(target, is_read_only=…)`` opens a session; read-only is enforced by the server. ConnectError.
    * ``identify(session)`` tells server and version.
    * ``inspect(session, server, scope)`` reads the schema in a handful of catalogue queries, in one consistent read.
    * ``prime(schema, texts)`` takes a schema that this version of the program inspected on a server of this version,
      and what ``texts_of`` gave for it, as the reading of equal texts: they are not parsed again by this process.
      Nothing that anybody else wrote may be given to it. ``texts_of(schema)`` gives what ``prime`` needs besides.
    * ``plan_ops(changes, before, after, server, names, strategies)`` proposes ops; ``before`` has renames applied
      already when a rename is among the changes. ``strategies`` names the tables (by key) whose changes are not to be
      carried out by plain DDL; a table or change that has no such form gets plain ops, and a notice that says why.
      UnsupportedChange names what cannot be done.
    * ``render_schema(schema, server)`` gives statements that build the schema in an empty database.
    * ``find_opaque(text)`` gives the stretches (start, end) of a script that are strings, quoted names, dollar quotes
      or comments, in order: nothing in there is an instruction. Never fails; what is cut ends with the text.
    * ``split_sql(text)`` splits a script; ``statement_problem(text)`` says why a statement may not run in a scratch
      that is not a private server (it would leave the database), else None.
    * ``open_scratch(server, target, options)`` opens a scratch. ScratchUnavailable.
    * ``probe(session, server)`` gives what runs statements on a private scratch copy and finds out what they do.
    * ``free_bytes(session)`` free space on the disk that holds the database's data; None where it cannot be known from
      here.
    * ``dump_schema(session, server)`` is the server's own dump of the schema, normalised and sorted, without our
      objects; None where no dump tool of that version is at hand. An independent witness for proofs.
    * ``table_sizes(session, server)`` from statistics, one query.
    * ``count_rows(session, tables)`` exact row counts; ``checksum_rows(session, table)`` a checksum of all rows and
      columns of a table that does not depend on row or column order, our own parked columns left out.
    * ``next_park_number(session)`` the first free number for ``ParkNames``.
    * ``list_own(session)`` names of all parked objects that exist now.
    * ``defects()`` what the checks for defects need; loaded when asked for.
    * ``ddl()`` how statements are read without a database; it needs no driver.
    * ``transfer()`` how rows are copied into a scratch.
    * ``load()`` how busy the server is.
    * ``backup()`` how it is dumped and loaded with its own tools.
    * ``logs()`` how its own log is read and played back; None where it keeps none.
    * ``swap()`` how another database is put in its place.
    * ``activity(session, lease)`` what the server tells of its sessions now; ``lease`` names ours among them.
    * ``readiness(session)`` what rights this user lacks for a change, and which time-outs would cut it off.
    * ``programs()`` how other programs that change its tables are driven; None where there are none.
    """

    name: str
    state: StateDialect
    connect: Callable[..., Session]
    identify: Callable[[Session], Server]
    inspect: Callable[[Session, Server, Scope], Schema]
    plan_ops: Callable[[Sequence[Change], Schema, Schema, Server, ParkNames, Mapping[Key, Strategy]], tuple[Op, ...]]
    render_schema: Callable[[Schema, Server], tuple[str, ...]]
    find_opaque: Callable[[str], tuple[tuple[int, int], ...]]
    split_sql: Callable[[str], tuple[SourceStatement, ...]]
    statement_problem: Callable[[str], str | None]
    open_scratch: Callable[[Server, Target, ScratchOptions], AbstractContextManager[Scratch]]
    probe: Callable[[Session, Server], Prober]
    free_bytes: Callable[[Session], int | None]
    dump_schema: Callable[[Session, Server], tuple[str, ...] | None]
    table_sizes: Callable[[Session, Server], Mapping[Key, TableSize]]
    count_rows: Callable[[Session, Iterable[Key]], dict[Key, int]]
    checksum_rows: Callable[[Session, Key], str]
    next_park_number: Callable[[Session], int]
    list_own: Callable[[Session], tuple[str, ...]]
    quote: Callable[[str], str]
    defects: Callable[[], DefectDialect]
    ddl: Callable[[], DdlDialect]
    transfer: Callable[[], RowTransfer]
    load: Callable[[], LoadDialect]
    backup: Callable[[], BackupDialect]
    swap: Callable[[], SwapDialect]
    activity: Callable[[Session, str], Activity]
    readiness: Callable[[Session], Readiness]
    prime: Callable[[Schema, tuple[str, ...]], None] = _nothing_primed
    texts_of: Callable[[Schema], tuple[str, ...]] = _no_texts
    programs: Callable[[], ProgramDialect | None] = _no_programs
    logs: Callable[[], LogDialect | None] = _no_logs
