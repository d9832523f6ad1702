"""Statements on all rows of a table, walked range by range where its primary key allows it; pure."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.engine.mysql.draft import dml
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.literals import walk_key
from lockgate.engine.mysql.server import has_invisible_columns
from lockgate.model.keys import table_key
from lockgate.model.op import RANGE, Chunked, ChunkKind, Hazard, Statement
from lockgate.model.schema import Table
from lockgate.model.server import Server


def walk_rows(table: Table, sql: str, server: Server, *, hazards: Iterable[Hazard] = ()) -> Statement:
    """Return a statement that writes rows in short transactions, one range of the primary key after another.

    Args:
        table: As it is when the statement is run.
        sql: With `RANGE` as its first condition; a table that cannot be walked is written at once.
    """
    chunked = _chunked(table, ChunkKind.WRITE, server)
    if chunked is None:
        return dml(sql.replace(f"{RANGE} AND ", "").replace(f" WHERE {RANGE}", ""), hazards=hazards)
    return Statement(
        sql=sql,
        lock="row locks",
        hazards=tuple(hazards),
        is_transactional=False,
        is_idempotent=True,
        chunked=chunked,
    )


def count_rows(table: Table, sql: str, server: Server) -> Statement | None:
    """Return a statement that fails where a query with `RANGE` counts rows; None when the table cannot be walked."""
    chunked = _chunked(table, ChunkKind.COMPARE, server)
    if chunked is None:
        return None
    return Statement(sql=sql, is_transactional=False, is_idempotent=True, chunked=chunked)


def _chunked(table: Table, kind: ChunkKind, server: Server) -> Chunked | None:
    key = table.primary_key
    if key is None or not has_invisible_columns(server) or any(p.column is None or p.prefix_length for p in key.parts):
        return None
    columns = {c.name: c for c in table.columns}
    walked = walk_key([columns[p.column] for p in key.parts if p.column in columns])
    if walked is None or len(walked[0]) != len(key.parts):
        return None
    source = quote_name(table.name)
    lock = f"SELECT COUNT({walked[0][0]}) FROM {source} WHERE {RANGE} FOR UPDATE NOWAIT"
    return Chunked(
        kind=kind,
        table=table_key(table),
        source=source,
        columns=walked[0],
        literals=walked[1],
        locks=(lock,) if kind is ChunkKind.WRITE else (),
    )
