"""Build a whole schema in an empty database: statements in an order that always finds what each one needs; pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import is_inherited, option, render_constraint, table_clause
from lockgate.engine.postgres.render_objects import (
    definition_name,
    render_create,
    render_descriptions,
    render_extension_dependencies,
    render_grant_change,
    render_matview_marks,
    render_sequence_owner,
)
from lockgate.engine.postgres.render_table import (
    render_attach,
    render_inherited,
    render_marks,
    render_table,
    render_table_descriptions,
    render_table_index,
    render_trigger_states,
)
from lockgate.model.keys import constraints_of, key_of, table_key
from lockgate.model.schema import (
    Check,
    Column,
    Constraint,
    Definition,
    Exclusion,
    Index,
    Key,
    Schema,
    SchemaObject,
    Table,
)
from lockgate.model.server import Server

_LATE_KINDS = {"trigger": 1, "rule": 2, "policy": 3, "publication": 4, "event_trigger": 9}
_ROUTINES = frozenset(["function", "procedure", "aggregate", "operator", "cast"])


def render_schema(schema: Schema, server: Server) -> tuple[str, ...]:
    """Return statements that build the schema in a new database of the same version."""
    tables = {table_key(t): t for t in schema.tables}
    statements = ["SET check_function_bodies = false"]
    statements += _render_namespaces(schema, server)
    statements += _render_ordered(schema, tables)
    statements += [render_sequence_owner(s) for s in schema.sequences if s.owned_by is not None]
    statements += _render_table_rest(schema, tables)
    late = [d for d in schema.definitions if d.kind in _LATE_KINDS]
    for definition in sorted(late, key=lambda d: _LATE_KINDS[d.kind]):
        if definition.kind != "event_trigger":
            statements += render_create(definition)
    statements += [s for t in schema.tables for s in render_trigger_states(t)]
    statements += _render_descriptions(schema, server)
    for definition in late:
        if definition.kind == "event_trigger":
            statements += [*render_create(definition), *render_descriptions(definition, server.version)]
    return (*statements, "RESET check_function_bodies")


def _render_namespaces(schema: Schema, server: Server) -> list[str]:
    names = {n.name for n in schema.namespaces}
    statements = [] if "public" in names else ["DROP SCHEMA IF EXISTS public"]
    for namespace in schema.namespaces:
        if namespace.name != "public":
            statements += render_create(namespace)
    return statements


class _Node:
    """Something to make: its statements and the keys it waits for."""

    __slots__ = ("needs", "rank", "statements")

    def __init__(self, statements: list[str], needs: Iterable[Key], rank: int = 0) -> None:
        self.statements = statements
        self.needs = set(needs)
        self.rank = rank


def _render_ordered(schema: Schema, tables: dict[Key, Table]) -> list[str]:
    """Return what may use one another: extensions, types, sequences, routines, tables, views."""
    nodes: dict[Key, _Node] = {}
    first: tuple[SchemaObject, ...] = (
        *schema.extensions, *schema.enums, *schema.domains, *schema.composites, *schema.sequences,
    )  # fmt: skip
    for obj in first:
        nodes[key_of(obj)] = _Node(render_create(obj), getattr(obj, "depends_on", ()))
    matviews = []
    for definition in schema.definitions:
        if definition.kind in _LATE_KINDS or definition.kind == "default_privileges":
            continue
        statements = render_create(definition)
        if definition.kind == "materialized_view":
            matviews.append(definition)
            statements += render_extension_dependencies(definition)
        nodes[key_of(definition)] = _Node(statements, definition.depends_on, 1)
    for key, table in tables.items():
        _add_table(nodes, key, table, tables)
    _point_at_nodes(nodes)
    ordered = _sort(nodes)
    statements = [s for key in ordered for s in nodes[key].statements]
    position = {key: i for i, key in enumerate(ordered)}
    for definition in sorted(matviews, key=lambda d: position[key_of(d)]):
        statements += render_matview_marks(definition)
    return statements


def _add_table(nodes: dict[Key, _Node], key: Key, table: Table, tables: dict[Key, Table]) -> None:
    late_constraints = [c for c in constraints_of(table) if isinstance(c, Check | Exclusion) and _uses_routine(c)]
    later = [c for c in constraints_of(table) if c in late_constraints or _is_only(c)]
    late_columns = [c for c in table.columns if c.default is not None and _uses_routine(c) and not is_inherited(c)]
    parents = [tables[k] for k in table.inherits if k in tables]
    statements = render_table(
        table,
        extra_checks=_ancestor_checks(table, tables),
        is_inline=lambda c: c not in later,
        has_default=lambda c: c not in late_columns,
    )
    if parents:
        statements += render_inherited(table, parents)
    needs = set(table.inherits)
    for column in table.columns:
        if column not in late_columns:
            needs.update(column.depends_on)
    for check in table.checks:
        if check not in late_constraints:
            needs.update(check.depends_on)
    part_key = {d for d in table.depends_on if d.kind in ("enum", "domain", "composite", "collation", "extension")}
    if table.partitioning is not None:
        part_key.update(d for d in table.depends_on if d.kind == "function")
    server = option(table.options, "server")
    nodes[key] = _Node(statements, needs | part_key | ({Key("server", "", server)} if server else set()), 1)
    head = f"ALTER {table_clause(table)} ONLY {qualify(table.namespace, table.name)}"
    for column in late_columns:
        text = f"{head} ALTER COLUMN {quote_ident(column.name)} SET DEFAULT {column.default}"
        nodes[Key("~default", *key[1:3], column.name)] = _Node([text], {key, *column.depends_on}, 2)
    for constraint in late_constraints:
        text = f"{head} ADD {render_constraint(constraint)}"
        nodes[Key("~constraint", *key[1:3], constraint.name)] = _Node([text], {key, *constraint.depends_on}, 2)


def _uses_routine(part: Column | Constraint) -> bool:
    if isinstance(part, Column) and part.generated is not None:
        return False
    return any(key.kind in _ROUTINES for key in getattr(part, "depends_on", ()))


def _ancestor_checks(table: Table, tables: dict[Key, Table]) -> tuple[Check, ...]:
    found: list[Check] = []
    part = table.partition_of
    while part is not None:
        parent = tables.get(Key("table", part.namespace, part.name))
        if parent is None:
            break
        found += [_as_here(table, c) for c in parent.checks if not c.is_no_inherit]
        part = parent.partition_of
    return tuple(found)


def _as_here(table: Table, check: Check) -> Check:
    """Return a parent's check as the partition has it: valid, when the partition was made after it."""
    return replace(check, is_validated=True) if option(table.options, f"validated:{check.name}") else check


def _point_at_nodes(nodes: dict[Key, _Node]) -> None:
    """Turn keys of columns and other parts into the keys of what holds them; forget what is not made here."""
    for key, node in nodes.items():
        found = set()
        for need in node.needs:
            holder = need if need in nodes else Key("table", need.namespace, need.name)
            if holder in nodes and holder != key:
                found.add(holder)
        node.needs = found


def _sort(nodes: dict[Key, _Node]) -> list[Key]:
    """Sort topologically, ties by rank and key; a circle is opened at its routine with the smallest key."""
    waiting = {key: len(node.needs) for key, node in nodes.items()}
    users: dict[Key, list[Key]] = defaultdict(list)
    for key, node in nodes.items():
        for need in node.needs:
            users[need].append(key)
    heap = [(nodes[key].rank, key) for key, count in waiting.items() if not count]
    heapq.heapify(heap)
    ordered: list[Key] = []
    done: set[Key] = set()
    while len(ordered) < len(nodes):
        if not heap:
            left = sorted(key for key in nodes if key not in done)
            heapq.heappush(heap, (0, next((k for k in left if k.kind in _ROUTINES), left[0])))
        _, key = heapq.heappop(heap)
        if key in done:
            continue
        done.add(key)
        ordered.append(key)
        for user in users[key]:
            waiting[user] -= 1
            if waiting[user] == 0 and user not in done:
                heapq.heappush(heap, (nodes[user].rank, user))
    return ordered


def _render_table_rest(schema: Schema, tables: dict[Key, Table]) -> list[str]:
    statements = [s for t in schema.tables for i in t.indexes if not _is_only(i) for s in render_table_index(t, i)]
    partitions = [t for t in schema.tables if t.partition_of is not None]
    for table in sorted(partitions, key=lambda t: (_depth(t, tables), t.namespace, t.name)):
        statements.append(render_attach(table))
    statements += _render_only(schema, tables)
    for table in schema.tables:
        head = f"ALTER {table_clause(table)} ONLY {qualify(table.namespace, table.name)}"
        if table.partitioning is not None:
            head = head.replace(" ONLY ", " ", 1)
        statements += [f"{head} ADD {render_constraint(key)}" for key in table.foreign_keys]
    return statements + [s for t in schema.tables for s in render_marks(t)]


def _is_only(part: Index | Constraint) -> bool:
    return bool(option(part.options, "only"))


def _render_only(schema: Schema, tables: dict[Key, Table]) -> list[str]:
    """Return the indexes a partitioned table has for itself alone: made after its partitions, and attached by name."""
    statements = []
    lonely = set()
    for table in schema.tables:
        for part in (*table.indexes, *constraints_of(table)):
            if not _is_only(part):
                continue
            lonely.add((table.namespace, table.name, part.name))
            if isinstance(part, Index):
                statements += render_table_index(table, part)
            else:
                name = qualify(table.namespace, table.name)
                statements.append(f"ALTER TABLE ONLY {name} ADD {render_constraint(part)}")
    for table in schema.tables:
        parent = table.partition_of
        for part in (*table.indexes, *constraints_of(table)) if parent is not None else ():
            owner = option(part.options, "attached_to")
            if parent is not None and (parent.namespace, parent.name, owner) in lonely:
                target, child = qualify(parent.namespace, owner), qualify(table.namespace, part.name)
                statements.append(f"ALTER INDEX {target} ATTACH PARTITION {child}")
    return statements


def _depth(table: Table, tables: dict[Key, Table]) -> int:
    depth, part = 0, table.partition_of
    while part is not None:
        depth += 1
        parent = tables.get(Key("table", part.namespace, part.name))
        part = parent.partition_of if parent is not None else None
    return depth


def _render_descriptions(schema: Schema, server: Server) -> list[str]:
    version = server.version
    statements: list[str] = []
    first: tuple[SchemaObject, ...] = (
        *schema.namespaces, *schema.extensions, *schema.enums, *schema.domains, *schema.composites, *schema.sequences,
    )  # fmt: skip
    for obj in first:
        statements += render_descriptions(obj, version)
    for table in schema.tables:
        statements += render_table_descriptions(table, version)
    last: list[Definition] = []
    for definition in schema.definitions:
        if definition.kind == "default_privileges":
            last.append(definition)
        elif definition.kind != "event_trigger":
            statements += render_descriptions(definition, version)
    for definition in schema.definitions:
        if definition.kind == "materialized_view" and option(definition.options, "populated") != "false":
            statements.append(f"REFRESH MATERIALIZED VIEW {definition_name(definition)}")
    for definition in last:
        statements += render_grant_change(definition, None, definition.options, version)
    return statements
