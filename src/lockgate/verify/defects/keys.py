"""Primary keys, foreign keys, constraints and indexes that will bite; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.engine.defects import DefectDialect, TypeFacts
from lockgate.model.finding import Finding, Severity
from lockgate.model.schema import Check, ForeignKey, Index, IndexPart, Schema, Table
from lockgate.verify.defects import rules_schema as rules
from lockgate.verify.defects.lookup import Lookup, find_column, own_tables, path_of, target_columns, unique_keys
from lockgate.verify.defects.parents import Parents

_ORDERED_KINDS = ("", "unique")


def find_key_defects(schema: Schema, dialect: DefectDialect, parents: Parents) -> Iterator[Finding]:
    """Yield what is wrong with the keys of all tables."""
    lookup = Lookup(schema)
    for table in own_tables(schema):
        if table.primary_key is None:
            yield rules.TABLE_WITHOUT_PRIMARY_KEY.found(f"{table.name} has no primary key", object=path_of(table))
        yield from _narrow_key(schema, table, dialect)
        yield from _constraints(table)
        for key in table.foreign_keys:
            yield from _foreign_key(lookup, table, key, dialect, parents)
        yield from _indexes(table)


def _narrow_key(schema: Schema, table: Table, dialect: DefectDialect) -> Iterator[Finding]:
    parts = table.primary_key.parts if table.primary_key else ()
    column = find_column(table, parts[0].column or "") if len(parts) == 1 else None
    if column is None or any(column.name in key.columns for key in table.foreign_keys):
        return
    is_numbered = column.is_auto_increment or column.identity is not None or "nextval" in (column.default or "")
    bits = dialect.describe_type(schema, table, column).bits
    if is_numbered and 0 < bits <= 32:
        path = path_of(table, column.name)
        yield rules.INT_PRIMARY_KEY.found(f"{path} is a numbered key of {bits} bits ({column.type})", object=path)


def _constraints(table: Table) -> Iterator[Finding]:
    named: tuple[ForeignKey | Check, ...] = (*table.foreign_keys, *table.checks)
    for constraint in named:
        label = constraint.name or "a constraint"
        path = path_of(table, constraint.name)
        if not constraint.is_enforced:
            yield rules.CONSTRAINT_NOT_ENFORCED.found(f"{label} of {table.name} is not enforced", object=path)
        elif not constraint.is_validated:
            yield rules.CONSTRAINT_NOT_VALID.found(f"{label} of {table.name} is not validated", object=path)
    for column in table.columns:
        if ("not_null_not_valid", "true") in column.options:
            message = f"NOT NULL of {table.name}.{column.name} is not validated"
            yield rules.CONSTRAINT_NOT_VALID.found(message, object=path_of(table, column.name))


def _foreign_key(
    lookup: Lookup, table: Table, key: ForeignKey, dialect: DefectDialect, parents: Parents
) -> Iterator[Finding]:
    path = path_of(table, key.name or ", ".join(key.columns))
    what = f"{table.name} ({', '.join(key.columns)})"
    parent = lookup.parent(key)
    if parent is None:
        if parents.is_gone((key.ref_namespace, key.ref_table)):
            message = f"{what} refers to the table {key.ref_table}, which does not exist"
            yield rules.FOREIGN_KEY_WITHOUT_TARGET.found(message, object=path)
        return
    targets = target_columns(key, parent)
    problem = _target_problem(parent, targets, len(key.columns))
    if problem:
        yield rules.FOREIGN_KEY_WITHOUT_TARGET.found(f"{what} refers to {problem}", object=path)
        return
    for own, other in zip(key.columns, targets, strict=True):
        yield from _ends(lookup.schema, table, own, parent, other, dialect, path)
    if not _is_indexed(table, key.columns):
        message = f"no index of {table.name} begins with the foreign key ({', '.join(key.columns)})"
        yield rules.FOREIGN_KEY_WITHOUT_INDEX.found(message, object=path)


def _target_problem(parent: Table, targets: tuple[str, ...], count: int) -> str:
    missing = [name for name in targets if find_column(parent, name) is None]
    if missing:
        return f"{parent.name} ({', '.join(missing)}), which does not exist"
    if len(targets) != count:
        return f"{parent.name}, whose key has {len(targets)} columns"
    wanted = {name.lower() for name in targets}
    for parts in unique_keys(parent):
        if {(p.column or "").lower() for p in parts} == wanted and not any(p.prefix_length for p in parts):
            return ""
    return f"{parent.name} ({', '.join(targets)}), on which no primary key or unique index stands"


def _ends(
    schema: Schema, table: Table, own: str, parent: Table, other: str, dialect: DefectDialect, path: str
) -> Iterator[Finding]:
    ours, theirs = find_column(table, own), find_column(parent, other)
    if ours is None or theirs is None:
        return
    here, there = dialect.describe_type(schema, table, ours), dialect.describe_type(schema, parent, theirs)
    difference, severity = _difference(here, there)
    if difference:
        ends = f"{table.name}.{ours.name} is {ours.type}, {parent.name}.{theirs.name} is {theirs.type}"
        yield rules.FOREIGN_KEY_MISMATCH.found(f"{ends}: they differ in {difference}", object=path, severity=severity)


def _difference(here: TypeFacts, there: TypeFacts) -> tuple[str, Severity | None]:
    if here.comparable != there.comparable:
        is_sign = here.bits and here.bits == there.bits
        return ("sign" if is_sign else "type"), None
    if here.collation != there.collation:
        return f"collation ({here.collation or 'default'}, {there.collation or 'default'})", None
    return ("length", Severity.INFO) if here.length != there.length else ("", None)


def _is_indexed(table: Table, columns: tuple[str, ...]) -> bool:
    wanted = {name.lower() for name in columns}
    keys = [table.primary_key.parts] if table.primary_key else []
    keys += [u.parts for u in table.uniques]
    for index in table.indexes:
        is_filled = index.where is not None and "is not null" not in index.where.lower()
        if index.is_valid and index.kind == "" and not is_filled:
            keys.append(index.parts)
    return any({(p.column or "").lower() for p in parts[: len(wanted)]} == wanted for parts in keys)


class _Key:
    """One index or index of a constraint, for comparison."""

    def __init__(self, name: str, parts: tuple[IndexPart, ...], *, is_unique: bool, index: Index | None) -> None:
        self.name, self.parts, self.is_unique, self.index = name, parts, is_unique, index

    @property
    def family(self) -> tuple[object, ...]:
        """What must be equal for one to do the other's work."""
        i = self.index
        return (
            (i.kind, (i.method or "btree").lower(), i.where, i.nulls_not_distinct) if i else ("", "btree", None, False)
        )


def _indexes(table: Table) -> Iterator[Finding]:
    for index in table.indexes:
        if not index.is_valid:
            severity = Severity.CRITICAL if index.is_unique else None
            message = f"the index {index.name} of {table.name} is invalid"
            yield rules.INDEX_INVALID.found(message, object=path_of(table, index.name), severity=severity)
    keys = [_Key("the primary key", table.primary_key.parts, is_unique=True, index=None)] if table.primary_key else []
    keys += [_Key(u.name or "a UNIQUE constraint", u.parts, is_unique=True, index=None) for u in table.uniques]
    valid = sorted((i for i in table.indexes if i.is_valid), key=lambda i: (not i.is_unique, i.name))
    keys += [_Key(i.name, i.parts, is_unique=i.is_unique, index=i) for i in valid]
    for position, key in enumerate(keys):
        if key.index is not None:
            yield from _redundant(table, key, keys, position)


def _redundant(table: Table, key: _Key, keys: list[_Key], position: int) -> Iterator[Finding]:
    assert key.index is not None
    path, columns = path_of(table, key.name), ", ".join(p.column or "(expression)" for p in key.parts)
    for at, other in enumerate(keys):
        if at == position or other.family != key.family:
            continue
        is_extra = bool(key.index.include) and set(key.index.include) - _held(other)
        if other.parts == key.parts and at < position and not is_extra and (other.is_unique or not key.is_unique):
            message = f"{key.name} of {table.name} ({columns}) holds the same as {other.name}"
            yield rules.INDEX_DUPLICATE.found(message, object=path)
            return
    for at, other in enumerate(keys):
        if at == position or other.family != key.family or key.is_unique or key.index.include:
            continue
        is_ordered = key.index.kind in _ORDERED_KINDS and str(key.family[1]) == "btree"
        if is_ordered and len(other.parts) > len(key.parts) and other.parts[: len(key.parts)] == key.parts:
            message = f"{key.name} of {table.name} ({columns}) is the beginning of {other.name}"
            yield rules.INDEX_COVERED.found(message, object=path)
            return


def _held(key: _Key) -> set[str]:
    include = key.index.include if key.index else ()
    return {p.column or "" for p in key.parts} | set(include)
