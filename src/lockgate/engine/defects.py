"""What an engine tells the checks for defects: its types, names, counters and questions to the rows; values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lockgate.engine.base import Session
from lockgate.errors import StatementFailed
from lockgate.model.schema import Column, Key, Schema, Table
from lockgate.model.server import Server


class TypeFacts(NamedTuple):
    """What a column's type means.

    ``family``: integer, exact, loose_decimal (exact by name, a binary float in the file), float, text, timestamp
    (without a zone), timestamp_2038 (ends in January 2038) or other. ``comparable`` is the spelling that both ends of
    a foreign key must share, ``length`` and ``collation`` (empty: none) what they should share; ``bits`` and
    ``max_value`` are those of integers, else 0.
    """

    family: str
    comparable: str
    length: str = ""
    collation: str = ""
    bits: int = 0
    max_value: int = 0


class Defect(NamedTuple):
    """Something only one engine can have. ``rule`` is a rule's code; ``object`` a dotted name."""

    rule: str
    object: str
    message: str
    is_milder: bool = False


class Counter(NamedTuple):
    """A sequence, identity or auto-increment.

    ``last`` is the last number given out (None: none yet), ``limit`` where it stops, ``column_limit`` where the type of
    the column it feeds stops (0: not known).
    """

    object: str
    kind: str
    last: int | None
    limit: int
    column_limit: int = 0
    is_cycle: bool = False


class RowQuestion(NamedTuple):
    """A query that counts the rows in the way.

    ``tables`` are those it reads, the one whose rows are scanned first; ``message`` follows the number of rows.
    """

    rule: str
    tables: tuple[Key, ...]
    object: str
    sql: str
    message: str


class LiveFacts(NamedTuple):
    """What queries found: defects, how many things were asked by kind, what could not be asked."""

    defects: tuple[Defect, ...]
    checked: dict[str, int]
    unknown: tuple[str, ...] = ()


class CounterFacts(NamedTuple):
    """The counters of a database, and what could not be read."""

    counters: tuple[Counter, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class DefectDialect:
    """The functions in which engines differ where defects are looked for.

    * ``name_limit`` is how long a name may be as ``measure_name`` counts it, 0 without a limit; ``are_names_cut``: the
      server shortens longer ones silently.
    * ``prepare_reading(session)`` sets what a session needs so that its counts are true; returns what stays open.
    * ``is_missing_table(error)`` tells whether a statement failed because a table does not exist.
    * ``describe_type(schema, table, column)`` tells a type's meaning.
    * ``read_reserved(session, server)`` gives the reserved words, in lower case.
    * ``find_traps(schema, server)`` finds what only this engine can have, from the schema alone.
    * ``find_live(session, server, schema)`` does so by queries.
    * ``read_counters(session, server, schema)`` reads where the counters stand.
    * ``ask_rows(schema, server)`` gives questions about values that this server may hold although it should not.
    * ``sample_values(schema, table, column)`` gives values the column may take, as SQL text, the likeliest first.
    """

    name_limit: int
    measure_name: Callable[[str], int]
    are_names_cut: bool
    prepare_reading: Callable[[Session], tuple[str, ...]]
    is_missing_table: Callable[[StatementFailed], bool]
    describe_type: Callable[[Schema, Table, Column], TypeFacts]
    read_reserved: Callable[[Session, Server], frozenset[str]]
    find_traps: Callable[[Schema, Server], tuple[Defect, ...]]
    find_live: Callable[[Session, Server, Schema], LiveFacts]
    read_counters: Callable[[Session, Server, Schema], CounterFacts]
    ask_rows: Callable[[Schema, Server], tuple[RowQuestion, ...]]
    sample_values: Callable[[Schema, Table, Column], tuple[str, ...]]
