"""One changed table: its way through the stages, and what every stage asks of it; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.conversions import convert
from lockgate.engine.mysql.draft import ddl, setting
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.locks import algorithm_suffix, lock_of
from lockgate.engine.mysql.render_alter import alter_clauses, alter_statement
from lockgate.engine.mysql.states import Way
from lockgate.model.change import Change
from lockgate.model.keys import table_key
from lockgate.model.op import Hazard, HazardKind, Statement
from lockgate.model.schema import Column, Key, Table
from lockgate.model.server import Server


@dataclass(frozen=True)
class TableJob:
    """One changed table: its way, its changes, and where the reserved names come from.

    ``linked`` are the columns on either side of a foreign key, whose types must agree.
    """

    way: Way
    changes: tuple[Change, ...]
    server: Server
    names: ParkNames
    linked: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The table's name."""
        return self.way.after.name

    @property
    def quoted(self) -> str:
        """The table's name, quoted."""
        return quote_name(self.name)

    @property
    def key(self) -> Key:
        """The table's key."""
        return table_key(self.way.after)


def updates_rows(way: Way) -> bool:
    """Tell whether the ops of a table, or their way back, update rows."""
    old = {c.name: c for c in way.expanded.columns}
    pairs = changed_columns(way.expanded, way.fixed)
    is_lossy = any(convert(a, b).is_lossy or convert(b, a).is_lossy or convert(b, a).obstacles for a, b in pairs)
    is_relaxed = any(c.name in old and c.is_nullable and not old[c.name].is_nullable for c in way.fixed.columns)
    is_unparked = any(not c.is_nullable for c in way.before.columns if c.name in way.parked)
    return bool(way.volatile or way.filled or way.sources or is_lossy or is_relaxed or is_unparked)


def changed_columns(a: Table, b: Table) -> list[tuple[Column, Column]]:
    """Return stored columns whose type differs between two states."""
    old = {c.name: c for c in a.columns}
    pairs = [(old[c.name], c) for c in b.columns if c.name in old]
    return [
        (x, y)
        for x, y in pairs
        if x.generated is None and y.generated is None and (x.type, x.charset) != (y.type, y.charset)
    ]


def alter_between(
    a: Table, b: Table, server: Server, renames: dict[str, str], hazards: Sequence[Hazard] = ()
) -> Statement:
    """Return the ALTER between two states with what it blocks."""
    clauses = alter_clauses(a, b, server, renames)
    kinds = [clause.kind for clause in clauses]
    if a.partitioning != b.partitioning:
        kinds.append("partitioning")
    lock = lock_of(kinds, server)
    found = list(hazards)
    if lock.rewrites:
        found.append(Hazard(kind=HazardKind.REWRITES_TABLE, message=f"the server may rewrite {b.name}"))
    sql = alter_statement(a, b, server, renames)
    suffix = "" if a.partitioning != b.partitioning else algorithm_suffix(clauses, b)
    return ddl(sql + suffix, blocks=lock.blocks, lock=lock.name, rewrites=lock.rewrites, hazards=found)


def in_mode(server: Server, tables: Sequence[Table], statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Run statements in strict mode, so that nothing is cut silently, and with zero dates where a default has one."""
    start, end = mode_settings(server, tables)
    return (*start, *statements, *end) if statements else ()


def mode_settings(server: Server, tables: Sequence[Table]) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return what sets the mode that statements on some tables need, and what sets it back; nothing when it is set."""
    mode = server.setting("sql_mode")
    words = mode.split(",") if mode else []
    wanted = list(words)
    if not {"STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"} & set(words):
        wanted.append("STRICT_ALL_TABLES")
    defaults = [c.default or "" for table in tables for c in table.columns]
    if any("-00" in default or "'0000" in default for default in defaults):
        wanted = [word for word in wanted if word not in ("NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL")]
    if wanted == words:
        return (), ()
    start = setting(f"SET SESSION sql_mode = {quote_string(','.join(wanted))}")
    return (start,), (setting(f"SET SESSION sql_mode = {quote_string(mode)}"),)
