"""Types, collations and names that will bite; pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from lockgate.engine.defects import DefectDialect
from lockgate.model.finding import Finding, Severity
from lockgate.model.keys import constraints_of
from lockgate.model.schema import Column, Schema, Table
from lockgate.verify.defects import rules_columns as rules
from lockgate.verify.defects.lookup import own_tables, path_of
from lockgate.verify.defects.settings import DefectSettings

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NEAR_LIMIT = 3
_MOST_LISTED = 5
_MADE_UP = ("_pkey", "_key", "_fkey", "_idx", "_check", "_excl", "_seq", "_not_null")
"""How names end that the server made up and shortened itself."""


def find_column_defects(schema: Schema, dialect: DefectDialect, settings: DefectSettings) -> Iterator[Finding]:
    """Yield what is wrong with the columns of all tables."""
    loose: list[tuple[str, Column]] = []
    for table in own_tables(schema):
        zoneless = []
        for column in table.columns:
            facts = dialect.describe_type(schema, table, column)
            path = path_of(table, column.name)
            is_money = facts.family in ("float", "loose_decimal") and speaks_of_money(column.name, settings)
            if is_money and facts.family == "float":
                message = f"{path} is {column.type or 'without a type'}, a binary float"
                yield rules.MONEY_IN_FLOAT.found(message, object=path)
            elif is_money:
                loose.append((path, column))
            elif facts.family == "timestamp":
                zoneless.append(column.name)
        if zoneless:
            message = f"{table.name} keeps {', '.join(zoneless)} without a time zone"
            yield rules.TIMESTAMP_WITHOUT_ZONE.found(message, object=path_of(table))
    if loose:
        yield _loose_money(loose)
    yield from _collations(schema)


def _loose_money(columns: list[tuple[str, Column]]) -> Finding:
    """Return one finding on all decimals that are floats in truth: what they are is the database's doing."""
    listed = ", ".join(f"{path} ({column.type})" for path, column in columns[:_MOST_LISTED])
    more = ", …" if len(columns) > _MOST_LISTED else ""
    count = "1 column of money is" if len(columns) == 1 else f"{len(columns)} columns of money are"
    message = f"{count} kept as a binary float, for SQLite has no exact decimals: {listed}{more}"
    place = columns[0][0] if len(columns) == 1 else ""
    return rules.MONEY_IN_FLOAT.found(message, object=place, severity=Severity.INFO)


def speaks_of_money(name: str, settings: DefectSettings) -> bool:
    """Tell whether a column's name, taken apart at capitals and underscores, speaks of money."""
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & set(settings.money_words)) and not words & set(settings.not_money_words)


def _collations(schema: Schema) -> Iterator[Finding]:
    """Report, a table at a time, the text columns whose collation is not that of most."""
    given = [(t, c) for t in own_tables(schema) for c in t.columns if _collation(c) is not None]
    tally = Counter(_collation(c) for _, c in given)
    if len(tally) < 2:
        return
    common = tally.most_common(1)[0][0] or ""
    others: dict[str, list[tuple[Table, Column]]] = defaultdict(list)
    for table, column in given:
        if _collation(column) != common:
            others[path_of(table)].append((table, column))
    for path, columns in others.items():
        listed = ", ".join(f"{c.name} ({_collation(c)})" for _, c in columns)
        is_known = all(_is_exact(_collation(c) or "") for _, c in columns)
        message = f"{path}: {listed}, where most columns are {common}"
        yield rules.COLLATION_MIXED.found(message, object=path, severity=None if is_known else Severity.WARNING)


def _collation(column: Column) -> str | None:
    """Return a column's charset and collation in one; None where it has none of its own."""
    if column.charset is None:
        return column.collation
    return column.collation or column.charset


def _is_exact(collation: str) -> bool:
    """Tell whether a collation is one that is chosen on purpose: bytes or ASCII."""
    lowered = collation.lower()
    return lowered.endswith(("_bin", "binary")) or lowered.startswith("ascii") or lowered in ("c", "posix", "ucs_basic")


def find_name_defects(schema: Schema, dialect: DefectDialect, reserved: frozenset[str]) -> Iterator[Finding]:
    """Yield names that are as long as they can be, reserved, or the same but for case."""
    tables = own_tables(schema)
    for table in tables:
        yield from _reserved(table.name, f"the table {table.name}", path_of(table), reserved, Severity.WARNING)
        for column in table.columns:
            path = path_of(table, column.name)
            yield from _reserved(column.name, f"the column {path}", path, reserved, None)
        yield from _case_twins([c.name for c in table.columns], f"columns of {table.name}", path_of(table))
    for kind, path, name in named_objects(schema):
        yield from _length(kind, path, name, dialect)
    by_namespace: dict[str, list[str]] = defaultdict(list)
    for table in tables:
        by_namespace[table.namespace].append(table.name)
    for namespace, names in sorted(by_namespace.items()):
        yield from _case_twins(names, "tables", namespace)


def named_objects(schema: Schema) -> Iterator[tuple[str, str, str]]:
    """Yield kind, dotted name and own name of all that has a name."""
    for table in own_tables(schema):
        yield "table", path_of(table), table.name
        for column in table.columns:
            yield "column", path_of(table, column.name), column.name
        for index in table.indexes:
            yield "index", path_of(table, index.name), index.name
        for constraint in constraints_of(table):
            if constraint.name:
                yield "constraint", path_of(table, constraint.name), constraint.name
    for definition in schema.definitions:
        if definition.kind not in ("function", "procedure", "aggregate"):
            parts = (definition.namespace, definition.table or "", definition.name)
            yield definition.kind.replace("_", " "), ".".join(p for p in parts if p), definition.name
    for sequence in schema.sequences:
        yield "sequence", ".".join(p for p in (sequence.namespace, sequence.name) if p), sequence.name


def _length(kind: str, path: str, name: str, dialect: DefectDialect) -> Iterator[Finding]:
    limit, length = dialect.name_limit, dialect.measure_name(name)
    if not limit or length < limit - _NEAR_LIMIT:
        return
    if length >= limit:
        reason = "a longer one would have been cut to this" if dialect.are_names_cut else "no longer one is possible"
        is_made_up = dialect.are_names_cut and name.endswith(_MADE_UP)
        message = f"the {kind} {name} has the full {limit} of its length: {reason}"
        yield rules.NAME_AT_LIMIT.found(message, object=path, severity=Severity.INFO if is_made_up else None)
    else:
        message = f"the {kind} {name} has {length} of the {limit} that are possible"
        yield rules.NAME_AT_LIMIT.found(message, object=path, severity=Severity.INFO)


def _reserved(
    name: str, what: str, path: str, reserved: frozenset[str], severity: Severity | None
) -> Iterator[Finding]:
    if name.lower() in reserved:
        yield rules.NAME_RESERVED.found(f"{what} is named by a reserved word", object=path, severity=severity)


def _case_twins(names: list[str], what: str, path: str) -> Iterator[Finding]:
    twins: dict[str, list[str]] = defaultdict(list)
    for name in names:
        twins[name.lower()].append(name)
    for group in twins.values():
        if len(group) > 1:
            message = f"{what} differ only in case: {', '.join(sorted(group))}"
            yield rules.NAME_CASE_ONLY.found(message, object=path or group[0])
