"""Build the model's constraints from a reading; what a parent table owns is left to it; pure."""

from __future__ import annotations

import re

from lockgate.engine.postgres.dependencies import PG_CLASS, PG_CONSTRAINT
from lockgate.engine.postgres.inspect_indexes import owns_name
from lockgate.engine.postgres.normalize import stabilize_expression
from lockgate.engine.postgres.quote import quote_list
from lockgate.engine.postgres.reading import Reading
from lockgate.engine.postgres.render import split_options
from lockgate.engine.postgres.rows import ConstraintRow, IndexRow, RelationRow
from lockgate.model.schema import Check, Constraint, Exclusion, ForeignKey, IndexPart, Key, PrimaryKey, Unique

_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_MATCHES = {"s": "simple", "f": "full", "p": "partial"}
_DEFERRABLE_TAIL = re.compile(r"( DEFERRABLE)?( INITIALLY DEFERRED)?\Z")


def build_constraints(reading: Reading, table: RelationRow) -> list[Constraint]:
    """Return the constraints of a table that are its own, in no order."""
    found: list[Constraint] = []
    for row in reading.constraints.get(table.oid, ()):
        built = _build(reading, table, row)
        if built is not None:
            found.append(built)
    return found


def build_domain_checks(reading: Reading, domain: int) -> tuple[Check, ...]:
    """Return the checks of a domain, by name."""
    rows = (r for r in reading.domain_constraints.get(domain, ()) if r.kind == "c")
    return tuple(sorted((_check(reading, row, ()) for row in rows), key=lambda c: c.name))


def _build(reading: Reading, table: RelationRow, row: ConstraintRow) -> Constraint | None:
    if row.kind == "c":
        return None if row.parents and not row.is_local else _check(reading, row, _own_columns(reading, table, row))
    if row.kind == "f":
        return None if row.parent else _foreign_key(reading, table, row)
    index = reading.index_by_oid.get(row.index_oid)
    if index is None:
        reading.report("constraint", f"{table.name}.{row.name}", "its index is not visible")
        return None
    if index.parent is not None and not owns_name(reading, table, index):
        return None
    return _exclusion(reading, row, index) if row.kind == "x" else _key(reading, table, row, index)


def _own_columns(reading: Reading, table: RelationRow, row: ConstraintRow) -> tuple[Key, ...]:
    names = reading.column_names[table.oid]
    return tuple(Key("column", table.namespace, table.name, names[n]) for n in row.columns or () if n > 0)


def _deferrable(row: ConstraintRow) -> str | None:
    if not row.is_deferrable:
        return None
    return "deferred" if row.is_deferred else "immediate"


def _check(reading: Reading, row: ConstraintRow, own: tuple[Key, ...]) -> Check:
    return Check(
        name=row.name,
        expression=stabilize_expression(row.text or ""),
        is_enforced=row.is_enforced,
        is_validated=row.is_validated or not row.is_enforced,
        is_no_inherit=row.is_no_inherit,
        comment=reading.comment(PG_CONSTRAINT, row.oid),
        depends_on=tuple(sorted({*own, *reading.depends.of(PG_CONSTRAINT, row.oid)})),
    )


def _foreign_key(reading: Reading, table: RelationRow, row: ConstraintRow) -> ForeignKey | None:
    parent = reading.relations.get(row.ref_relation)
    names, ref_names = reading.column_names[table.oid], reading.column_names.get(row.ref_relation, {})
    if parent is None or any(n not in ref_names for n in row.ref_columns or ()):
        reading.report("foreign_key", f"{table.name}.{row.name}", "the table it refers to is not visible")
        return None
    options = []
    if row.delete_columns:
        options.append(("delete_columns", quote_list([names[n] for n in row.delete_columns])))
    if row.is_period:
        options.append(("period", "true"))
    return ForeignKey(
        name=row.name,
        columns=tuple(names[n] for n in row.columns or ()),
        ref_namespace=parent.namespace,
        ref_table=parent.name,
        ref_columns=tuple(ref_names[n] for n in row.ref_columns or ()),
        on_update=_ACTIONS[row.on_update],
        on_delete=_ACTIONS[row.on_delete],
        match=_MATCHES[row.match],
        deferrable=_deferrable(row),
        is_validated=row.is_validated or not row.is_enforced,
        is_enforced=row.is_enforced,
        comment=reading.comment(PG_CONSTRAINT, row.oid),
        options=tuple(options),
    )


def _index_options(reading: Reading, index: IndexRow) -> list[tuple[str, str]]:
    options = split_options("reloption:", index.reloptions or ())
    if index.tablespace:
        options.append(("tablespace", index.tablespace))
    comment = reading.comment(PG_CLASS, index.oid)
    if comment is not None:
        options.append(("index_comment", comment))
    if index.parent is not None:
        options.append(("attached_to", reading.index_by_oid[index.parent].name))
    elif index.kind == "I" and not index.is_valid:
        options.append(("only", "true"))
    return options


def _key(reading: Reading, table: RelationRow, row: ConstraintRow, index: IndexRow) -> PrimaryKey | Unique:
    names = reading.column_names[table.oid]
    numbers = [int(n) for n in index.columns.split()]
    parts = tuple(IndexPart(column=names[n]) for n in numbers[: index.key_count])
    include = tuple(names[n] for n in numbers[index.key_count :])
    options = _index_options(reading, index)
    if row.is_period:
        options.append(("without_overlaps", "true"))
    comment = reading.comment(PG_CONSTRAINT, row.oid)
    if row.kind == "p":
        return PrimaryKey(
            name=row.name,
            parts=parts,
            include=include,
            deferrable=_deferrable(row),
            comment=comment,
            options=tuple(sorted(options)),
        )
    return Unique(
        name=row.name,
        parts=parts,
        include=include,
        nulls_not_distinct=index.nulls_not_distinct,
        deferrable=_deferrable(row),
        comment=comment,
        options=tuple(sorted(options)),
    )


def _exclusion(reading: Reading, row: ConstraintRow, index: IndexRow) -> Exclusion:
    text = row.text or ""
    if row.is_deferrable:
        text = _DEFERRABLE_TAIL.sub("", text, count=1)
    return Exclusion(
        name=row.name,
        definition=stabilize_expression(text),
        deferrable=_deferrable(row),
        comment=reading.comment(PG_CONSTRAINT, row.oid),
        options=tuple(sorted(_index_options(reading, index))),
        depends_on=tuple(
            sorted({*reading.depends.of(PG_CONSTRAINT, row.oid), *reading.depends.of(PG_CLASS, index.oid)})
        ),
    )
