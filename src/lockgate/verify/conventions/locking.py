"""Optimistic locking: the lists of plan, code and live database compared, and the column in each table; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lockgate.engine.defects import DefectDialect
from lockgate.model.finding import Finding
from lockgate.model.schema import Column, Schema, Table
from lockgate.verify.conventions import rules
from lockgate.verify.conventions.settings import LockingConvention
from lockgate.verify.conventions.tables import column_of, guess, matching
from lockgate.verify.defects.lookup import own_tables, path_of


def listed_tables(schema: Schema, convention: LockingConvention, code: Mapping[str, str]) -> list[Table]:
    """Return the live tables that plan or code list; without any list, those that have the column."""
    names = [*convention.tables, *code]
    if not names:
        return [t for t in own_tables(schema) if column_of(t, convention.version_column)]
    paths = {path_of(t) for name in names for t in matching(schema, name)}
    return [t for t in own_tables(schema) if path_of(t) in paths]


def check_locking(
    schema: Schema, dialect: DefectDialect, convention: LockingConvention, code: Mapping[str, str], file: str
) -> Iterator[Finding]:
    """Yield what is wrong with the lists and with the column in each table on them.

    Args:
        code: The tables that the code lists, each with its place.
        file: The configuration file, as the findings name it.
    """
    places: dict[str, dict[str, str]] = {}
    for what, names in ((file, dict.fromkeys(convention.tables, file)), ("the code", code)):
        for name, place in names.items():
            tables = matching(schema, name)
            if not tables:
                message = f"{name} is on the list of {place}, and there is no such table{guess(schema, name)}"
                source, _, line = place.rpartition(":")
                number = int(line) if source and line.isdigit() else 0
                file_name = source if number else ""
                yield rules.VERSIONED_TABLE_UNKNOWN.found(message, object=name, file=file_name, line=number)
            for table in tables:
                places.setdefault(path_of(table), {})[what] = place
    wanted = ([file] if convention.tables else []) + (["the code"] if code else [])
    for table in own_tables(schema):
        column = column_of(table, convention.version_column)
        listed = places.get(path_of(table), {})
        if listed and column is None:
            message = f"{table.name} has no column {convention.version_column}; it is on the list of "
            yield rules.VERSION_COLUMN_MISSING.found(message + ", ".join(listed.values()), object=path_of(table))
        elif listed and column is not None:
            yield from _column(schema, table, column, dialect, convention)
        yield from _difference(table, column, listed, wanted)


def _column(
    schema: Schema, table: Table, column: Column, dialect: DefectDialect, convention: LockingConvention
) -> Iterator[Finding]:
    wrong = []
    if dialect.describe_type(schema, table, column).family != "integer":
        wrong.append(f"is {column.type or 'without a type'}, no integer")
    if column.is_nullable:
        wrong.append("takes NULL")
    if _plain_default(column) != str(convention.default):
        wrong.append(f"has the default {column.default or 'none'}, not {convention.default}")
    if wrong:
        path = path_of(table, column.name)
        yield rules.VERSION_COLUMN_WRONG.found(f"{path} {', '.join(wrong)}", object=path)


def _plain_default(column: Column) -> str | None:
    """Return a default's number without quotes, brackets and casts."""
    match = re.fullmatch(r"\(*'?(-?\d+)'?\)*(::[\w ]+)?\)*", (column.default or "").strip())
    return match[1] if match else None


def _difference(table: Table, column: Column | None, listed: Mapping[str, str], wanted: list[str]) -> Iterator[Finding]:
    """Yield that a table is on some lists and not on the others; a missing column is reported on its own."""
    has = [*listed.values(), *(["the database"] if column is not None else [])]
    lacks = [name for name in wanted if name not in listed]
    if has and lacks and (listed or column is not None):
        message = f"{table.name} is on the list of {', '.join(has)}, not of {', '.join(lacks)}"
        yield rules.VERSIONED_LISTS_DIFFER.found(message, object=path_of(table))
