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


class Statement(Value, frozen=True):
    """One statement as it will be sent.

    ``is_transactional``: may run inside the step's transaction. ``is_idempotent``: running it twice does no harm, so
    recovery may repeat it. Timeouts of 0 mean the run's defaults.
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


class Precheck(Value, frozen=True):
    """A question to the data before a step: ``sql`` returns one number, the rows in the way; 0 passes."""

    name: str
    sql: str
    message: str


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
    Statements of an op that are all transactional run in one transaction.

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
