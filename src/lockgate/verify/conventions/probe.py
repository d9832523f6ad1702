"""Two writers on a scratch copy: both read one version, both update, and exactly one may change the row."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from lockgate.engine.base import Engine, Session
from lockgate.errors import FailedError
from lockgate.model.finding import Checked, Finding
from lockgate.model.schema import Column, Schema, Table
from lockgate.model.server import Server
from lockgate.verify.conventions import rules
from lockgate.verify.conventions.settings import LockingConvention
from lockgate.verify.conventions.tables import column_of
from lockgate.verify.defects.lookup import find_column, path_of

_TRIES = 60
_HEAD_START_S = 0.004
_WAIT_S = 60.0
_LITERAL = re.compile(r"'(?:[^'\\]|'')*'|(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")


class _Row(NamedTuple):
    where: str
    version: str


class _NotMade(Exception):
    """A row could not be made up or read; the message says why."""


def probe_writers(
    engine: Engine,
    scratch: Session,
    server: Server,
    schema: Schema,
    tables: Sequence[Table],
    convention: LockingConvention,
) -> Checked:
    """Build the schema without its foreign keys in an empty scratch database, and try two writers on each table.

    A table of which no row could be made up is unknown, never green.
    """
    whole = replace(schema, tables=tuple(replace(t, foreign_keys=()) for t in schema.tables))
    try:
        for statement in engine.render_schema(whole, server):
            scratch.execute(statement)
    except FailedError as error:
        return Checked((), {}, (f"the two-writer probe: the scratch copy could not be built: {_cause(error)}",))
    other = engine.connect(scratch.target, is_read_only=False)
    findings: list[Finding] = []
    unknown: list[str] = []
    tried = 0
    try:
        for table in tables:
            column = column_of(table, convention.version_column)
            if column is None:
                continue
            try:
                row = _make_row(engine, scratch, schema, table, column)
                found = _try_writers(engine, scratch, other, table, column, row, convention)
            except (_NotMade, FailedError) as error:
                reason = str(error) if isinstance(error, _NotMade) else _cause(error)
                unknown.append(f"the two-writer probe of {path_of(table)}: {reason}")
                continue
            tried += 1
            findings += found
    finally:
        other.close()
    return Checked(tuple(findings), {"two-writer probes": tried}, tuple(unknown))


def _cause(error: Exception) -> str:
    return str(getattr(error, "cause", "") or error)


def _make_row(engine: Engine, session: Session, schema: Schema, table: Table, version: Column) -> _Row:
    """Insert one row that the table takes and return how it is found and its version."""
    key = _key_columns(table)
    if not key:
        raise _NotMade("it has no primary or unique key to name a row by")
    needed = [c for c in table.columns if _must_be_given(c)]
    values = [_values(engine, schema, table, column) for column in needed]
    missing = [c.name for c, choices in zip(needed, values, strict=True) if not choices]
    if missing:
        raise _NotMade(f"no value is known for {', '.join(missing)}")
    reason = "no row was tried"
    for chosen in itertools.islice(_combinations(values), _TRIES):
        try:
            session.execute(_insert(engine, table, needed, chosen))
        except FailedError as error:
            reason = _cause(error)
            continue
        return _read_row(engine, session, table, key, version)
    raise _NotMade(f"no row could be made up: {reason}")


def _key_columns(table: Table) -> tuple[str, ...]:
    if table.primary_key is not None:
        return tuple(p.column or "" for p in table.primary_key.parts)
    for parts in (u.parts for u in table.uniques):
        columns = [find_column(table, p.column or "") for p in parts]
        if all(c is not None and not c.is_nullable for c in columns):
            return tuple(p.column or "" for p in parts)
    return ()


def _must_be_given(column: Column) -> bool:
    is_filled = column.is_nullable or column.default is not None or column.is_auto_increment
    return not is_filled and column.generated is None and column.identity is None


def _values(engine: Engine, schema: Schema, table: Table, column: Column) -> tuple[str, ...]:
    """Return values to try: those of the type, and the literals of every CHECK that speaks of the column."""
    samples = engine.defects().sample_values(schema, table, column)
    hints: list[str] = []
    expressions = [check.expression for check in table.checks] + [v for k, v in column.options if k == "check"]
    for expression in expressions:
        if re.search(rf"\b{re.escape(column.name)}\b", expression, re.I):
            for text in _LITERAL.findall(expression):
                hints += [text] if text.startswith("'") else [text, str(float(text) + 1).removesuffix(".0")]
    return tuple(dict.fromkeys((*samples[:1], *hints[:8], *samples[1:])))


def _combinations(values: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the first of each, then with one value changed at a time, then all combinations."""
    first = tuple(choices[0] for choices in values)
    yield first
    for position, choices in enumerate(values):
        for choice in choices[1:]:
            yield (*first[:position], choice, *first[position + 1 :])
    yield from itertools.product(*values)


def _table_name(engine: Engine, table: Table) -> str:
    return ".".join(engine.quote(part) for part in (table.namespace, table.name) if part)


def _insert(engine: Engine, table: Table, columns: Sequence[Column], values: Sequence[str]) -> str:
    name = _table_name(engine, table)
    if columns:
        listed = ", ".join(engine.quote(c.name) for c in columns)
        return f"INSERT INTO {name} ({listed}) VALUES ({', '.join(values)})"
    nullable = next((c for c in table.columns if c.generated is None and c.identity is None), None)
    if nullable is None:
        raise _NotMade("it has no column that can be given")
    return f"INSERT INTO {name} ({engine.quote(nullable.name)}) VALUES ({_neutral(nullable)})"


def _neutral(column: Column) -> str:
    return column.default if column.default is not None else "NULL"


def _read_row(engine: Engine, session: Session, table: Table, key: tuple[str, ...], version: Column) -> _Row:
    names = ", ".join(engine.quote(name) for name in (*key, version.name))
    rows = session.query(f"SELECT {names} FROM {_table_name(engine, table)}")
    if len(rows) != 1:
        raise _NotMade(f"the table holds {len(rows)} rows after one was inserted")
    *values, number = rows[0]
    if not isinstance(number, int):
        raise _NotMade(f"its first version is {number!r}, no integer")
    where = " AND ".join(f"{engine.quote(name)} = {_literal(v)}" for name, v in zip(key, values, strict=True))
    return _Row(where, str(number))


def _literal(value: Any) -> str:
    """Write a value that was read back as SQL text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise _NotMade("its key is NULL")
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, int | float):
        return repr(value)
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    if isinstance(value, date | str) and "\\" in text:
        raise _NotMade("its key holds a backslash")
    return "'" + text.replace("'", "''") + "'"


def _try_writers(
    engine: Engine, one: Session, two: Session, table: Table, version: Column, row: _Row, convention: LockingConvention
) -> list[Finding]:
    """Let two sessions that read the same version update, the second while the first has not committed."""
    words = {
        "table": _table_name(engine, table),
        "version": engine.quote(version.name),
        "key": row.where,
        "expected": row.version,
    }
    sql = re.sub(r"\{(\w+)\}", lambda match: words[match[1]], convention.update)
    read = f"SELECT {words['version']} FROM {words['table']} WHERE {row.where}"
    seen = [str(session.query(read)[0][0]) for session in (one, two)]
    if seen != [row.version, row.version]:
        raise _NotMade(f"two sessions read the versions {seen[0]} and {seen[1]}")
    outcome: list[int | FailedError] = []
    is_under_way = threading.Event()

    def write() -> None:
        is_under_way.set()
        try:
            outcome.append(two.execute(sql))
        except FailedError as error:
            outcome.append(error)

    one.begin()
    try:
        first = one.execute(sql)
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        is_under_way.wait(_WAIT_S)
        writer.join(_HEAD_START_S)
        one.commit()
    except FailedError:
        one.rollback()
        raise
    writer.join(_WAIT_S)
    if not outcome:
        two.cancel()
        raise _NotMade("the second writer did not come back")
    second = outcome[0]
    if isinstance(second, FailedError):
        raise _NotMade(f"the second writer was refused: {_cause(second)}")
    return list(_judge(table, first, second))


def _judge(table: Table, first: int, second: int) -> Iterator[Finding]:
    if (first, second) == (1, 0):
        return
    both = "both changed the row: the second overwrote the first" if first and second else "not exactly one changed it"
    message = f"{table.name}: of two writers with the same version the first changed {first} rows, the second {second}"
    yield rules.TWO_WRITER_PROBE_FAILED.found(f"{message}; {both}", object=path_of(table))
