"""One orderable unit of work between two schemas, as an engine proposes it; pure.

An engine turns changes into ops and says, for each, which keys it creates, removes, needs and releases. ``plan/``
orders them into stages and steps without knowing any engine.
"""

from __future__ import annotations

import enum

import msgspec

from lockgate.model.change import Change
from lockgate.model.schema import Key, Value

EXPAND, FIX, CONTRACT = 1, 2, 3


class Blocks(enum.Enum):
    """What others cannot do while a statement runs, from least to most."""

    NOTHING = "nothing"
    DDL = "ddl"
    WRITES = "writes"
    READS_AND_WRITES = "reads_and_writes"


class HazardKind(enum.Enum):
    """What a statement may do that somebody must have agreed to (``--allow``)."""

    DELETES_DATA = "deletes_data"
    LOSSY_CONVERSION = "lossy_conversion"
    FILLS_ROWS = "fills_rows"
    MAY_FAIL_ON_DATA = "may_fail_on_data"
    LONG_LOCK = "long_lock"
    REWRITES_TABLE = "rewrites_table"
    BREAKS_OLD_CLIENTS = "breaks_old_clients"
    WEAKENS_PROTECTION = "weakens_protection"
    IRREVERSIBLE = "irreversible"


class Hazard(Value, frozen=True):
    """A danger, and what it means here, in one sentence."""

    kind: HazardKind
    message: str


class Strategy(enum.Enum):
    """How the changes of one table are carried out.

    PLAIN is the server's own DDL. ONLINE is the engine's best shadow; COLUMN_PAIR and TABLE_PAIR name one: a second
    column, or a second table, kept equal by triggers, filled in chunks and swapped by name. PT_OSC and GH_OST hand the
    work to these tools.
    """

    PLAIN = "plain"
    ONLINE = "online"
    COLUMN_PAIR = "column-pair"
    TABLE_PAIR = "table-pair"
    PT_OSC = "pt-osc"
    GH_OST = "gh-ost"


RANGE = "(/*range*/ 1 = 1)"
"""Stands in a chunked statement for the condition of one range; as it is, it means all rows."""


class ChunkKind(enum.Enum):
    """What a chunked statement does with each range: writes rows, or counts rows that differ (there must be none)."""

    WRITE = "write"
    COMPARE = "compare"


class Chunked(Value, frozen=True):
    """Says that a statement is run over one range of a table's key after another, each in a short transaction.

    The statement's text holds `RANGE` where the range's condition goes, once or more; run as it stands it does all rows
    at once, as on a scratch copy. It must be safe to repeat for any range. ``columns`` are the columns of a unique key
    without NULL, in order, quoted as in SQL; ``literals`` an SQL expression each that turns the column into the text of
    a literal which the server reads as the very same value. ``locks`` are statements (with `RANGE`) run first in each
    range's transaction, which must fail at once rather than wait for a row. ``repair`` are statements (with `RANGE`)
    for a range in which COMPARE found differences, after which it is compared again. ``source`` is the table's name in
    SQL.
    """

    kind: ChunkKind
    table: Key
    source: str
    columns: tuple[str, ...]
    literals: tuple[str, ...]
    locks: tuple[str, ...] = ()
    repair: tuple[str, ...] = ()


class Program(Value, frozen=True):
    """Says that another program carries out a statement on the live database; a scratch copy runs its text.

    ``name`` is what the program is called, ``alter`` the clauses it is given, ``new_table`` the reserved name of the
    table that it fills beside ``table``.
    """

    name: str
    table: Key
    alter: str
    new_table: str


class Statement(Value, frozen=True):
    """One statement as it will be sent.

    ``is_transactional``: may run inside the step's transaction. ``is_idempotent``: running it twice does no harm, so
    recovery may repeat it. ``scans``: the time it takes grows with the table, though it writes no row of it again.
    Timeouts of 0 mean the run's defaults. A ``chunked`` one is sent range by range: it is not
    transactional and always idempotent. ``is_joined``: where a step is not one transaction, this statement shares the
    transaction of the one before it (both are transactional; only where DDL is). ``program`` carries it out where it is
    not sent: the text is what it amounts to.
    """

    sql: str
    blocks: Blocks = Blocks.NOTHING
    lock: str = ""
    rewrites: bool = False
    hazards: tuple[Hazard, ...] = ()
    is_transactional: bool = msgspec.field(default=True, name="transactional")
    is_idempotent: bool = False
    lock_timeout_ms: int = 0
    statement_timeout_ms: int = 0
    chunked: Chunked | None = None
    is_joined: bool = False
    scans: bool = False
    program: Program | None = None


class Soft(Value, frozen=True):
    """What a way back does when rows stand in its way, instead of being refused.

    The statements ``first`` to ``last`` (numbers within the statements of that way, both included) are replaced by
    ``instead``, which binds new rows and leaves the ones in the way as they are. ``rows`` is a query that lists these:
    their key as JSON text first, then the value in the way as text. ``settle`` are the statements that put the exact
    state in place once the rows are gone: they take the stand-in away first. Both name everything as it is when the
    whole way back is done (before a table of the plan was renamed). ``lift`` takes the place of the statements
    ``lift_first`` to ``lift_last`` of the redo (of the forward statements where there is no redo) while the stand-in is
    there; with ``lift_last`` before ``lift_first`` it is inserted.
    """

    first: int
    last: int
    instead: tuple[Statement, ...]
    rows: str
    settle: tuple[Statement, ...]
    message: str = ""
    lift: tuple[Statement, ...] = ()
    lift_first: int = 0
    lift_last: int = -1


class Precheck(Value, frozen=True):
    """A question to the data before a step: ``sql`` returns one number, the rows in the way; 0 passes.

    With ``soft`` a way back goes on all the same, as that says, and ends with debt.
    """

    name: str
    sql: str
    message: str
    soft: Soft | None = None


class Parked(Value, frozen=True):
    """Something kept under a reserved name instead of dropped.

    ``original`` is what it was, ``parked`` the reserved name in full, ``finalize`` the statements that really drop it.
    """

    original: Key
    parked: str
    finalize: tuple[Statement, ...]


class Op(Value, frozen=True):
    """A unit of work and its exact inverse.

    ``forward`` takes the database from the state before to the state after this op; ``backward`` undoes just that.
    Statements of an op that are all transactional run in one transaction. ``backward`` undoes any beginning of
    ``forward`` and leaves nothing but what it parks. Where an op that was done to its end is undone in another way,
    which keeps more (mirrors, parked columns), that is ``revert``; ``redo`` is the exact inverse of the way back, and
    what runs when the same plan is applied again after a rollback. None means: ``backward``, and ``forward``.
    ``redo_prechecks`` are asked before a redo (None: ``prechecks``).
    ``strategy`` is how it is carried out; ``notices`` say in sentences what others will see; ``extra_space`` is how
    many times the table's size is needed beside it.

    Ordering, all by key: an op runs after every op whose ``creates`` holds a key it ``needs``; before every op whose
    ``removes`` holds a key it ``releases`` (it stops using it); and an op that ``removes`` a name runs before another
    that ``creates`` it. An op that must follow a later-staged one is moved to that stage. ``parks`` is what the
    forward statements park, ``backward_parks`` what the backward ones do.
    """

    title: str
    stage: int
    table: Key | None = None
    changes: tuple[Change, ...] = ()
    forward: tuple[Statement, ...] = ()
    backward: tuple[Statement, ...] = ()
    prechecks: tuple[Precheck, ...] = ()
    backward_prechecks: tuple[Precheck, ...] = ()
    is_reversible: bool = True
    irreversible_reason: str = ""
    parks: tuple[Parked, ...] = ()
    backward_parks: tuple[Parked, ...] = ()
    creates: frozenset[Key] = frozenset()
    removes: frozenset[Key] = frozenset()
    needs: frozenset[Key] = frozenset()
    releases: frozenset[Key] = frozenset()
    rank: int = 0
    revert: tuple[Statement, ...] | None = None
    redo: tuple[Statement, ...] | None = None
    redo_prechecks: tuple[Precheck, ...] | None = None
    strategy: Strategy = Strategy.PLAIN
    notices: tuple[str, ...] = ()
    extra_space: float = 0.0
