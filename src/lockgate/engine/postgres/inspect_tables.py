"""Build the model's tables from a reading: columns, constraints, indexes, partitions; pure."""

from __future__ import annotations

from lockgate.engine.postgres.dependencies import PG_CLASS
from lockgate.engine.postgres.inspect_columns import build_column
from lockgate.engine.postgres.inspect_constraints import build_constraints
from lockgate.engine.postgres.inspect_indexes import build_index, owns_name
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.reading import Reading
from lockgate.engine.postgres.render import split_options
from lockgate.engine.postgres.rows import RelationRow
from lockgate.model.schema import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Index,
    Key,
    Options,
    Partitioning,
    PartitionOf,
    PrimaryKey,
    Table,
    Unique,
)

_TABLE_KINDS = ("r", "p", "f")
_TRIGGER_STATES = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}


def build_tables(reading: Reading) -> tuple[Table, ...]:
    """Return all tables, sorted by namespace and name."""
    rows = sorted(
        (r for r in reading.relations.values() if r.kind in _TABLE_KINDS), key=lambda r: (r.namespace, r.name)
    )
    return tuple(_build_table(reading, row) for row in rows)


def _build_table(reading: Reading, row: RelationRow) -> Table:
    columns = tuple(build_column(reading, row, column) for column in reading.columns.get(row.oid, ()))
    constraints = sorted(build_constraints(reading, row), key=lambda c: c.name)
    primary = next((c for c in constraints if isinstance(c, PrimaryKey)), None)
    checks = tuple(c for c in constraints if isinstance(c, Check))
    indexes = tuple(_build_indexes(reading, row))
    return Table(
        namespace=row.namespace,
        name=row.name,
        columns=columns,
        primary_key=primary,
        uniques=tuple(c for c in constraints if isinstance(c, Unique)),
        foreign_keys=tuple(c for c in constraints if isinstance(c, ForeignKey)),
        checks=checks,
        exclusions=tuple(c for c in constraints if isinstance(c, Exclusion)),
        indexes=indexes,
        partitioning=Partitioning(by=row.partition_key) if row.partition_key else None,
        partition_of=_partition_of(reading, row),
        inherits=_inherits(reading, row),
        comment=reading.comment(PG_CLASS, row.oid),
        options=_table_options(reading, row),
        depends_on=_table_depends(reading, row, columns, checks),
    )


def _build_indexes(reading: Reading, row: RelationRow) -> list[Index]:
    found = []
    for index in reading.indexes.get(row.oid, ()):
        if index.constraint is None and (index.parent is None or owns_name(reading, row, index)):
            built = build_index(reading, row, index)
            if built is not None:
                found.append(built)
    return sorted(found, key=lambda i: i.name)


def _partition_of(reading: Reading, row: RelationRow) -> PartitionOf | None:
    if not row.is_partition:
        return None
    parent = reading.relations.get(next(iter(reading.parents.get(row.oid, [])), 0))
    if parent is None:
        reading.report("table", f"{row.namespace}.{row.name}", "it is a partition of a table that is not visible")
        return None
    return PartitionOf(namespace=parent.namespace, name=parent.name, bound=row.bound or "DEFAULT")


def _inherits(reading: Reading, row: RelationRow) -> tuple[Key, ...]:
    if row.is_partition:
        return ()
    keys = (reading.relation_key(oid) for oid in reading.parents.get(row.oid, ()))
    return tuple(key for key in keys if key is not None)


def _table_options(reading: Reading, row: RelationRow) -> Options:
    options = [*reading.acl(row.acl, row.owner, "table", f"{row.namespace}.{row.name}")]
    options += _storage_options(row)
    if row.has_row_security:
        options.append(("row_security", "enabled"))
    if row.forces_row_security:
        options.append(("force_row_security", "true"))
    if row.of_type:
        options.append(("of_type", row.of_type))
    options += index_marks(reading, row)
    if row.oid in reading.foreign_tables:
        server, fdw_options = reading.foreign_tables[row.oid]
        options.append(("server", server))
        options += split_options("fdw_option:", fdw_options or ())
    options += [(f"trigger:{name}", _TRIGGER_STATES[state]) for name, state in reading.cloned_triggers.get(row.oid, ())]
    options += [(f"validated:{name}", "true") for name in _validated_here(reading, row)]
    return tuple(sorted(options))


def _validated_here(reading: Reading, row: RelationRow) -> list[str]:
    """Return a partition's inherited checks that are valid though the parent's are not, as pg_dump tells them."""
    if not row.is_partition:
        return []
    late = {
        check.name
        for parent in reading.parents.get(row.oid, ())
        for check in reading.constraints.get(parent, ())
        if check.kind == "c" and not check.is_validated and check.is_enforced
    }
    rows = reading.constraints.get(row.oid, ()) if late else ()
    return [c.name for c in rows if c.kind == "c" and c.parents and c.name in late and c.is_validated]


def _storage_options(row: RelationRow) -> list[tuple[str, str]]:
    options = split_options("reloption:", all_reloptions(row))
    if row.persistence == "u":
        options.append(("persistence", "unlogged"))
    if row.access_method not in (None, "heap"):
        options.append(("access_method", str(row.access_method)))
    if row.tablespace:
        options.append(("tablespace", row.tablespace))
    return options


def index_marks(reading: Reading, row: RelationRow) -> list[tuple[str, str]]:
    """Return the options that point at an index: clustering and replica identity."""
    options = []
    for index in reading.indexes.get(row.oid, ()):
        if index.is_clustered:
            options.append(("clustered_on", index.name))
        if index.is_replica_identity and row.replica_identity == "i":
            options.append(("replica_identity", f"index {quote_ident(index.name)}"))
    if row.replica_identity in ("f", "n") and row.kind != "f":
        options.append(("replica_identity", {"f": "full", "n": "nothing"}[row.replica_identity]))
    return options


def all_reloptions(row: RelationRow) -> list[str]:
    """Return the storage parameters of a relation and, with the prefix ``toast.``, those of its TOAST table."""
    return [*(row.reloptions or ()), *(f"toast.{text}" for text in row.toast_options or ())]


def _table_depends(
    reading: Reading, row: RelationRow, columns: tuple[Column, ...], checks: tuple[Check, ...]
) -> tuple[Key, ...]:
    own = (row.namespace, row.name)
    found = set(reading.depends.of(PG_CLASS, row.oid))
    parts: tuple[Column | Check, ...] = (*columns, *checks)
    for part in parts:
        found.update(key for key in part.depends_on if (key.namespace, key.name) != own or key.kind != "column")
    found.discard(Key("table", row.namespace, row.name))
    return tuple(sorted(found))
