"""Build the model's columns from a reading: types, defaults, identity, generated values, NOT NULL names; pure."""

from __future__ import annotations

from lockgate.engine.postgres.dependencies import PG_CLASS, PG_CONSTRAINT
from lockgate.engine.postgres.normalize import stabilize
from lockgate.engine.postgres.reading import Reading
from lockgate.engine.postgres.render import split_options
from lockgate.engine.postgres.rows import ColumnRow, ConstraintRow, RelationRow, SequenceRow
from lockgate.model.schema import Column, Generated, Identity, Key

_STORAGE = {"p": "plain", "e": "external", "x": "extended", "m": "main"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_GENERATION = {"a": "always", "d": "by default"}
_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_NAME_BYTES = 63


def build_column(reading: Reading, table: RelationRow, row: ColumnRow) -> Column:
    """Build one column of a table or composite type."""
    expression = stabilize(row.expression)
    generated = Generated(expression=expression or "", is_stored=row.generated == "s") if row.generated else None
    not_null = reading.not_null.get((table.oid, row.number))
    is_valid_not_null = row.is_not_null and (not_null is None or not_null.is_validated)
    return Column(
        name=row.name,
        type=row.type,
        is_nullable=not is_valid_not_null,
        default=None if row.generated else expression,
        generated=generated,
        identity=_identity(reading, table, row),
        collation=row.collation,
        comment=reading.comment(PG_CLASS, table.oid, row.number),
        options=tuple(sorted(_options(reading, table, row, not_null))),
        depends_on=_depends(reading, table, row, generated is not None),
    )


def _depends(reading: Reading, table: RelationRow, row: ColumnRow, is_generated: bool) -> tuple[Key, ...]:
    keys = reading.depends.of(PG_CLASS, table.oid, row.number)
    if not keys:
        return keys
    own = Key("table", table.namespace, table.name)
    return tuple(k for k in keys if k != own and (is_generated or k[1:3] != own[1:3] or k.kind != "column"))


def _options(
    reading: Reading, table: RelationRow, row: ColumnRow, not_null: ConstraintRow | None
) -> list[tuple[str, str]]:
    options: list[tuple[str, str]] = []
    if row.storage:
        options.append(("storage", _STORAGE[row.storage]))
    if row.compression and row.compression != "\0":
        options.append(("compression", _COMPRESSION[row.compression]))
    if row.statistics is not None and row.statistics >= 0:
        options.append(("statistics", str(row.statistics)))
    if row.options:
        options += split_options("attoption:", row.options)
    if row.fdw_options:
        options += split_options("fdw_option:", row.fdw_options)
    if (not row.is_local and row.parents) or table.of_type:
        options.append(("inherited", "true"))
    if row.acl is not None:
        options += reading.acl(row.acl, table.owner, "column", f"{table.namespace}.{table.name}.{row.name}")
    return options + _not_null_options(reading, table, row, not_null)


def _not_null_options(
    reading: Reading, table: RelationRow, row: ColumnRow, not_null: ConstraintRow | None
) -> list[tuple[str, str]]:
    if not_null is None:
        return []
    options = []
    if not_null.name != make_object_name(table.name, row.name, "not_null"):
        options.append(("not_null_name", not_null.name))
    if not_null.is_no_inherit:
        options.append(("not_null_no_inherit", "true"))
    if not not_null.is_validated:
        options.append(("not_null_not_valid", "true"))
    comment = reading.comment(PG_CONSTRAINT, not_null.oid)
    if comment is not None:
        options.append(("not_null_comment", comment))
    return options


def _identity(reading: Reading, table: RelationRow, row: ColumnRow) -> Identity | None:
    if not row.identity or (table.is_partition and not row.is_local):
        return None
    sequence = reading.identities.get((table.oid, row.number))
    options: list[tuple[str, str]] = []
    if sequence is not None:
        options = sequence_options(sequence)
        if sequence.type != row.type:
            options.append(("type", sequence.type))
        options += _identity_relation(reading, table, row, sequence)
    return Identity(generation=_GENERATION[row.identity], options=tuple(sorted(options)))


def _identity_relation(
    reading: Reading, table: RelationRow, row: ColumnRow, sequence: SequenceRow
) -> list[tuple[str, str]]:
    relation = reading.relations.get(sequence.oid)
    if relation is None:
        return []
    options = reading.acl(relation.acl, relation.owner, "sequence", f"{relation.namespace}.{relation.name}")
    if relation.name != make_object_name(table.name, row.name, "seq") or relation.namespace != table.namespace:
        options.append(("sequence", relation.name))
    comment = reading.comment(PG_CLASS, sequence.oid)
    if comment is not None:
        options.append(("comment", comment))
    if reading.version >= 15 and relation.persistence != table.persistence:
        options.append(("persistence", "unlogged" if relation.persistence == "u" else "logged"))
    return options


def sequence_options(row: SequenceRow) -> list[tuple[str, str]]:
    """Return what differs from a plain ascending or descending sequence of its type."""
    low, high = default_bounds(row.type, row.increment)
    start = row.minimum if row.increment > 0 else row.maximum
    pairs = (
        ("start", row.start, start),
        ("increment", row.increment, 1),
        ("min_value", row.minimum, low),
        ("max_value", row.maximum, high),
        ("cache", row.cache, 1),
    )
    options = [(name, str(value)) for name, value, standard in pairs if value != standard]
    return [*options, ("cycle", "true")] if row.is_cycle else options


def default_bounds(type_name: str, increment: int) -> tuple[int, int]:
    """Return the bounds of a sequence that was made without any."""
    size = _LIMITS.get(type_name, 2**63)
    return (1, size - 1) if increment > 0 else (-size, -1)


def make_object_name(table: str, column: str, suffix: str) -> str:
    """Return the name PostgreSQL makes up, cut as it does (makeObjectName in indexcmds.c)."""
    first, second = table.encode(), column.encode()
    overhead = len(suffix.encode()) + 1 + (1 if second else 0)
    room = _NAME_BYTES - overhead
    while len(first) + len(second) > room:
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    parts = [first.decode(errors="ignore"), second.decode(errors="ignore"), suffix]
    return "_".join(part for part in parts if part)
