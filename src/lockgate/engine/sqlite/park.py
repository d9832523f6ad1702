"""Move a whole table out of the way under a reserved name, and back; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.sqlite.locks import note
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.render import index_sql, table_sql
from lockgate.engine.sqlite.shape import names_itself, plain_columns, rowid_name
from lockgate.engine.sqlite.tokens import literal, quote
from lockgate.model.op import Parked
from lockgate.model.schema import Definition, Key, Table

ROWID = "lockgate_rowid"
LEGACY_ON = "PRAGMA legacy_alter_table=ON"
LEGACY_OFF = "PRAGMA legacy_alter_table=OFF"


def is_autoincrement(table: Table) -> bool:
    """Tell whether the table has a counter in sqlite_sequence."""
    return any(c.is_auto_increment for c in table.columns)


def shelve(table: Table, name: str, *, is_copy: bool) -> list[str]:
    """Return statements that move the rows of ``table`` to a table ``name`` and free its name.

    A rename that rewrites no reference of another object (``legacy_alter_table``); or a copy without constraints and
    types, which keeps every value as it is and gives a table without a reachable rowid one (``lockgate_rowid``).
    """
    if not is_copy:
        return [LEGACY_ON, f"ALTER TABLE {quote(table.name)} RENAME TO {quote(name)}", LEGACY_OFF]
    names = ", ".join(quote(c.name) for c in table.columns)
    rowid = rowid_name(table)
    into, source = (f"{ROWID}, {names}", f"{bare_rowid(rowid)}, {names}") if rowid else (names, names)
    statements = [
        f"CREATE TABLE {quote(name)} ({ROWID} INTEGER PRIMARY KEY, {names})",
        f"INSERT INTO {quote(name)} ({into}) SELECT {source} FROM {quote(table.name)}",
    ]
    if is_autoincrement(table):
        statements.append(
            f"INSERT INTO sqlite_sequence (name, seq) SELECT {literal(name)}, seq FROM sqlite_sequence"
            f" WHERE name = {literal(table.name)}"
        )
    return [*statements, f"DROP TABLE {quote(table.name)}"]


def bare_rowid(name: str) -> str:
    """Return a rowid's name for SQL: the built-in names and ours stay bare, a column's is quoted."""
    return name if name in ("rowid", "_rowid_", "oid", ROWID) else quote(name)


def carry_counter(source: str, target: str) -> list[str]:
    """Return statements that give ``target`` the AUTOINCREMENT counter kept under the name ``source``."""
    return [
        f"DELETE FROM sqlite_sequence WHERE name = {literal(target)}",
        f"INSERT INTO sqlite_sequence (name, seq) SELECT {literal(target)}, seq FROM sqlite_sequence"
        f" WHERE name = {literal(source)}",
    ]


def unshelve(table: Table, name: str) -> list[str]:
    """Return statements that bring a parked table back, exactly as it was, without its indexes and triggers."""
    if not names_itself(table):
        return [LEGACY_ON, f"ALTER TABLE {quote(name)} RENAME TO {quote(table.name)}", LEGACY_OFF]
    names = ", ".join(quote(c.name) for c in plain_columns(table))
    rowid = rowid_name(table) if rowid_column(table) is None else None
    into, source = (f"{rowid}, {names}", f"{ROWID}, {names}") if rowid else (names, names)
    statements = [
        table_sql(table),
        "PRAGMA ignore_check_constraints=ON",
        f"INSERT OR ABORT INTO {quote(table.name)} ({into}) SELECT {source} FROM {quote(name)}",
        "PRAGMA ignore_check_constraints=OFF",
    ]
    if is_autoincrement(table):
        statements += [*carry_counter(name, table.name), f"DELETE FROM sqlite_sequence WHERE name = {literal(name)}"]
    return [*statements, f"DROP TABLE {quote(name)}"]


def drop_dependents(table: Table, triggers: Sequence[Definition]) -> list[str]:
    """Return statements that drop a table's triggers and indexes, whose names are global."""
    drops = [f"DROP TRIGGER {quote(t.name)}" for t in triggers]
    return drops + [f"DROP INDEX {quote(i.name)}" for i in table.indexes]


def create_dependents(table: Table, triggers: Sequence[Definition]) -> list[str]:
    """Return statements that create a table's indexes and triggers."""
    creates = [index_sql(i, table.name) for i in table.indexes]
    return creates + [t.text or t.sql for t in triggers]


def parked_table(original: Key, name: str, extra: Sequence[str] = ()) -> Parked:
    """Return the entry for a parked table; ``extra`` statements run before it is dropped."""
    finalize = tuple(note(sql) for sql in (*extra, f"DROP TABLE IF EXISTS {quote(name)}"))
    return Parked(original=original, parked=name, finalize=finalize)
