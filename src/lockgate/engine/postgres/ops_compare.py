"""Which differences PostgreSQL can alter in place, and which need the object made anew; predicates, pure."""

from __future__ import annotations

import re

from msgspec.structs import replace

from lockgate.engine.postgres.convert import TypeName, UserType, find_conversion, parse_type
from lockgate.engine.postgres.ops_graph import ROUTINE_KINDS, TYPE_KINDS, Fact, Graph
from lockgate.engine.postgres.quote import qualify
from lockgate.model import keys
from lockgate.model.schema import (
    Check,
    Column,
    Composite,
    Constraint,
    Definition,
    Domain,
    EnumType,
    ForeignKey,
    Index,
    Key,
    Options,
    PrimaryKey,
    SchemaObject,
    Table,
    Unique,
)
from lockgate.model.server import Server

_HEADER_END = re.compile(r"^\s*LANGUAGE ", re.M)
_ALTERABLE_KEY_OPTIONS = ("reloption", "tablespace", "index_comment", "attached_to", "statistics:")
_ALTERABLE_INDEX_OPTIONS = ("reloption", "tablespace", "statistics:", "extension_dependency")
_ALTERABLE_DEFINITION_OPTIONS = (
    "acl", "enabled", "statistics", "populated", "comment:", "default:", "reloption", "clustered_on", "reference",
    "objects",
)  # fmt: skip
_FIXED_OPTIONS = ("server",)


def options_without(options: Options, prefixes: tuple[str, ...]) -> Options:
    """Return the options whose names start with none of the prefixes."""
    return tuple((name, value) for name, value in options if not name.startswith(prefixes))


def is_self_reference(fact: Fact) -> bool:
    """Tell whether a foreign key refers to its own table."""
    value, table = fact.value, fact.table
    if not isinstance(value, ForeignKey) or table is None:
        return False
    return (value.ref_namespace, value.ref_table) == (table.namespace, table.name)


def is_alterable(before: SchemaObject, after: SchemaObject, graph: Graph, server: Server) -> bool:
    """Tell whether an object that is not a table can be altered without being dropped."""
    if isinstance(before, EnumType) and isinstance(after, EnumType):
        return is_subsequence(before.values, after.values)
    if isinstance(before, Domain) and isinstance(after, Domain):
        return (before.type, before.collation) == (after.type, after.collation)
    if isinstance(before, Composite) and isinstance(after, Composite):
        return _is_composite_alterable(before, after, graph)
    if isinstance(before, Definition) and isinstance(after, Definition):
        return is_definition_alterable(before, after)
    return True


def is_subsequence(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Tell whether ``long`` holds all of ``short`` in the same order."""
    rest = iter(long)
    return all(item in rest for item in short)


def _is_composite_alterable(before: Composite, after: Composite, graph: Graph) -> bool:
    if before.attributes == after.attributes:
        return True
    kept = [a for a in after.attributes if a.name in {b.name for b in before.attributes}]
    order = [b.name for b in before.attributes if b.name in {a.name for a in after.attributes}]
    is_appended = [a.name for a in after.attributes][: len(kept)] == order
    return is_appended and not graph.dependants.get(keys.key_of(before))


def is_definition_alterable(before: Definition, after: Definition) -> bool:
    """Tell whether a definition's difference is only in what ALTER, COMMENT, GRANT or OR REPLACE can change."""
    old, new = dict(before.options), dict(after.options)
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if any(not name.startswith(_ALTERABLE_DEFINITION_OPTIONS) for name in names):
        return False
    if before.sql == after.sql:
        return True
    if before.kind in ROUTINE_KINDS - {"aggregate"}:
        return routine_header(before.sql) == routine_header(after.sql)
    return False


def routine_header(sql: str) -> str:
    """Return a routine's CREATE text up to its language: name, arguments with defaults, result."""
    match = _HEADER_END.search(sql)
    return sql[: match.start()] if match else sql


def needs_rebuild(before: Table, after: Table) -> bool:
    """Tell whether the table itself must be made anew, its rows copied."""
    was = before.partitioning.by if before.partitioning else None
    now = after.partitioning.by if after.partitioning else None
    if was != now:
        return True
    return any(dict(before.options).get(name) != dict(after.options).get(name) for name in _FIXED_OPTIONS)


def is_index_alterable(before: Index, after: Index) -> bool:
    """Tell whether an index keeps its definition and differs in comment or settings only."""
    return _bare_index(before) == _bare_index(after)


def _bare_index(index: Index) -> Index:
    options = options_without(index.options, _ALTERABLE_INDEX_OPTIONS)
    return replace(index, name="", comment=None, options=options, depends_on=())


def is_constraint_alterable(before: Constraint, after: Constraint) -> bool:
    """Tell whether a constraint keeps its definition and differs in comment, settings or validation only."""
    return _bare_constraint(before) == _bare_constraint(after)


def _bare_constraint(constraint: Constraint) -> Constraint:
    options = options_without(constraint.options, _ALTERABLE_KEY_OPTIONS)
    bare: Constraint = replace(constraint, name="", comment=None, options=options)
    if getattr(bare, "depends_on", ()):
        bare = replace(bare, depends_on=())
    return bare


def parts_from_parents(child: Table, graph: Graph, parts: list[Fact]) -> list[Key]:
    """Return which of a child's parts it has, in the state of ``graph``, from a parent and not as its own."""
    parents = [Key("table", child.partition_of.namespace, child.partition_of.name)] if child.partition_of else []
    above = [f for p in (*parents, *child.inherits) for f in graph.parts_of(p)]
    found = []
    for part in parts:
        value = part.value
        if isinstance(value, Check) and not any(c.name == value.name for c in child.checks):
            twins = [f.value for f in above if isinstance(f.value, Check)]
            if any((t.name, t.expression) == (value.name, value.expression) for t in twins):
                found.append(part.key)
        elif child.partition_of is not None and isinstance(value, PrimaryKey | Unique | Index | ForeignKey):
            bare = _from_any_table(value)
            if part.key not in graph.facts and any(
                type(f.value) is type(value) and _from_any_table(f.value) == bare for f in above
            ):
                found.append(part.key)
    return found


def has_twin(part: PrimaryKey | Unique | Index | Check | ForeignKey, others: list[Fact]) -> bool:
    """Tell whether another table has the same part, under whatever name (a check: under the same)."""
    for other in others:
        value = other.value
        if isinstance(part, Check) and isinstance(value, Check):
            if (part.name, part.expression) == (value.name, value.expression):
                return True
        elif (
            not isinstance(part, Check)
            and isinstance(value, PrimaryKey | Unique | Index | ForeignKey)
            and type(value) is type(part)
        ) and _from_any_table(value) == _from_any_table(part):
            return True
    return False


def _from_any_table(part: PrimaryKey | Unique | Index | ForeignKey) -> object:
    bare = replace(part, name="", comment=None, options=options_without(part.options, ("attached_to", "index_comment")))
    return replace(bare, depends_on=()) if isinstance(bare, Index) else bare


def is_retyped(before: Column, after: Column) -> bool:
    """Tell whether a column's type or collation differs."""
    return (before.type, before.collation) != (after.type, after.collation)


def must_replace_column(before: Column, after: Column, old: Graph, new: Graph) -> bool:
    """Tell whether a column has to be parked (or dropped, when generated) and added anew."""
    if after.generated is not None:
        return before.generated != after.generated or is_retyped(before, after)
    if before.generated is not None and not before.generated.is_stored:
        return True
    if not is_retyped(before, after):
        return False
    return find_conversion(column_type(before, old), column_type(after, new)) is None


def column_type(column: Column, graph: Graph) -> TypeName:
    """Return a column's type taken apart, with the schema's own type behind it when there is one."""
    return parse_type(column.type, user_type(column.type, column.depends_on, graph))


def user_type(text: str, depends_on: tuple[Key, ...], graph: Graph) -> UserType:
    """Return the enum, domain or composite a type text names."""
    element = re.sub(r"(\[\d*\])+$", "", text)
    for key in depends_on:
        if key.kind not in TYPE_KINDS:
            continue
        if element in (qualify(key.namespace, key.name), key.name, qualify("", key.name)):
            fact = graph.get(key)
            if fact is not None and isinstance(fact.value, EnumType | Domain | Composite):
                return fact.value
    return None
