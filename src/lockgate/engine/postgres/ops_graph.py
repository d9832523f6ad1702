"""The parts of a PostgreSQL schema as a graph of facts: what exists, and what each fact depends on; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from lockgate.model import keys
from lockgate.model.schema import (
    Column,
    Composite,
    Constraint,
    Definition,
    Domain,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    PrimaryKey,
    Schema,
    SchemaObject,
    Sequence,
    Table,
    Unique,
)

Part: TypeAlias = Column | Index | Constraint
TYPE_KINDS = frozenset({"enum", "domain", "composite", "type", "range", "base_type"})
RELATION_KINDS = frozenset({"table", "view", "materialized_view", "sequence", "composite", "foreign_table"})
ROUTINE_KINDS = frozenset({"function", "procedure", "aggregate", "routine"})


class Default(NamedTuple):
    """A column's default as a fact of its own, because it comes and goes without its column."""

    column: Column
    text: str


class Fact(NamedTuple):
    """One thing that exists: its key, its value, the table it is a part of, and the keys it depends on."""

    key: Key
    value: SchemaObject | Part | Default
    table: Table | None
    deps: frozenset[Key]


def table_of(fact: Fact) -> Table:
    """Return the table a fact is a part of."""
    assert fact.table is not None
    return fact.table


class Graph:
    """All facts of one schema by key, and who depends on whom. Built once, read only."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.facts: dict[Key, Fact] = {}
        self.tables: dict[Key, Table] = {keys.table_key(t): t for t in schema.tables}
        self._owners = {(k.namespace, k.name): k for k in keys.index_objects(schema) if k.kind in RELATION_KINDS}
        for fact in _facts_of(schema):
            self.facts[fact.key] = fact
        for key, fact in list(self.facts.items()):
            deps = frozenset(d for dep in fact.deps for d in self._resolve(dep)) - {key}
            self.facts[key] = fact._replace(deps=deps)
        self.dependants: dict[Key, list[Key]] = defaultdict(list)
        for key, fact in self.facts.items():
            for dep in sorted(fact.deps):
                self.dependants[dep].append(key)

    def _resolve(self, dep: Key) -> Iterator[Key]:
        """Yield the facts a dependency means: a view's column is the view, a table's column also its table."""
        if dep in self.facts:
            yield dep
            if dep.kind in ("column", "default"):
                yield Key("table", dep.namespace, dep.name)
        elif (owner := self._owners.get((dep.namespace, dep.name))) and dep.kind in (*RELATION_KINDS, "column", "type"):
            yield owner
        else:
            for kind in ("index", "primary_key", "unique", "exclusion", "check", "foreign_key"):
                if dep.kind in ("index", "constraint") and dep._replace(kind=kind) in self.facts:
                    yield dep._replace(kind=kind)

    def get(self, key: Key) -> Fact | None:
        """Return a fact, or None."""
        return self.facts.get(key)

    def parts_of(self, table: Key) -> list[Fact]:
        """Return the facts of a table's parts in the schema's order."""
        return [f for f in self.facts.values() if f.table is not None and keys.table_key(f.table) == table]

    def reaches(self, start: Iterable[Key], goal: Key, within: frozenset[Key]) -> bool:
        """Tell whether any of ``start`` needs ``goal``, walking only through ``within``; a table means its parts."""
        seen: set[Key] = set()
        todo = list(start)
        while todo:
            key = todo.pop()
            if key == goal or (key.kind in ("column", "default") and _same_table(key, goal)):
                return True
            if key in seen or key not in within:
                continue
            seen.add(key)
            fact = self.facts.get(key)
            if fact is None:
                continue
            owner = fact.value.owned_by if isinstance(fact.value, Sequence) else None
            todo.extend(d for d in fact.deps if owner is None or d[1:3] != owner[1:3])
            if key.kind == "table":
                for part in self.parts_of(key):
                    if not isinstance(part.value, ForeignKey):
                        todo.extend(part.deps)
        return False


def _same_table(part: Key, table: Key) -> bool:
    return table.kind == "table" and (part.namespace, part.name) == (table.namespace, table.name)


def _facts_of(schema: Schema) -> Iterator[Fact]:
    for obj in keys.iter_objects(schema):
        key = keys.key_of(obj)
        yield Fact(key, obj, None, frozenset(_object_deps(obj)))
        if isinstance(obj, Table):
            yield from _part_facts(obj, schema)


def _object_deps(obj: SchemaObject) -> Iterator[Key]:
    if isinstance(obj, Table):
        yield from _shell_deps(obj)
    else:
        yield from getattr(obj, "depends_on", ())
    namespace = getattr(obj, "namespace", "")
    if namespace:
        yield Key("namespace", "", namespace)
    if isinstance(obj, Definition) and obj.table is not None:
        yield Key("table", obj.namespace, obj.table)
    if isinstance(obj, Sequence) and obj.owned_by is not None:
        yield obj.owned_by
    if isinstance(obj, Composite):
        for attribute in obj.attributes:
            yield from attribute.depends_on
    if isinstance(obj, Domain):
        for check in obj.checks:
            yield from check.depends_on
    if isinstance(obj, Table):
        yield from obj.inherits
        if obj.partition_of is not None:
            yield Key("table", obj.partition_of.namespace, obj.partition_of.name)


def _shell_deps(table: Table) -> list[Key]:
    """Return what the table itself depends on, without what its columns and checks do."""
    of_parts = {dep for column in table.columns for dep in column.depends_on}
    of_parts |= {dep for check in table.checks for dep in check.depends_on}
    return [dep for dep in table.depends_on if dep not in of_parts]


def _part_facts(table: Table, schema: Schema) -> Iterator[Fact]:
    table_key = keys.table_key(table)
    for column in table.columns:
        key = keys.child_key(table_key, column)
        deps = {table_key, *column.depends_on}
        if column.default is not None and column.generated is None:
            yield Fact(key, column, table, frozenset(column_type_deps(column) | {table_key}))
            default_key = Key("default", table.namespace, table.name, column.name)
            yield Fact(default_key, Default(column, column.default), table, frozenset({key, *deps}))
        else:
            yield Fact(key, column, table, frozenset(deps))
    for index in table.indexes:
        key = keys.child_key(table_key, index)
        columns = _part_columns(table_key, index.parts, index.include)
        yield Fact(key, index, table, frozenset({table_key, *columns, *index.depends_on}))
    for constraint in keys.constraints_of(table):
        key = keys.child_key(table_key, constraint)
        yield Fact(key, constraint, table, frozenset(_constraint_deps(table_key, constraint, schema)))


def column_type_deps(column: Column) -> set[Key]:
    """Return the dependencies of a column that come from its type and collation."""
    if column.generated is not None:
        return set(column.depends_on)
    return {d for d in column.depends_on if d.kind in TYPE_KINDS or d.kind in ("collation", "extension")}


def _part_columns(table: Key, parts: tuple[IndexPart, ...], include: tuple[str, ...]) -> Iterator[Key]:
    for name in [p.column for p in parts if p.column is not None] + list(include):
        yield Key("column", table.namespace, table.name, name)


def _constraint_deps(table: Key, constraint: Constraint, schema: Schema) -> Iterator[Key]:
    yield table
    yield from getattr(constraint, "depends_on", ())
    if isinstance(constraint, PrimaryKey | Unique):
        yield from _part_columns(table, constraint.parts, constraint.include)
    elif isinstance(constraint, ForeignKey):
        for name in constraint.columns:
            yield Key("column", table.namespace, table.name, name)
        target = Key("table", constraint.ref_namespace, constraint.ref_table)
        yield target
        for name in constraint.ref_columns:
            yield Key("column", target.namespace, target.name, name)
        yield from referenced_keys(target, constraint.ref_columns, schema)
    elif isinstance(constraint, Exclusion):
        pass


def referenced_keys(target: Key, columns: tuple[str, ...], schema: Schema) -> Iterator[Key]:
    """Yield what makes the columns a foreign key refers to unique: a constraint or an index."""
    for table in schema.tables:
        if keys.table_key(table) != target:
            continue
        wanted = sorted(columns)
        for key in (table.primary_key, *table.uniques):
            if key is not None and sorted(p.column or "" for p in key.parts) == wanted:
                yield keys.child_key(target, key)
        for index in table.indexes:
            is_usable = index.is_unique and index.where is None
            if is_usable and sorted(p.column or "" for p in index.parts) == wanted:
                yield keys.child_key(target, index)
