"""How tables are parked, or kept as a copy where they cannot be; pure."""

from __future__ import annotations

from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres import ops_sql_identity as identity_sql
from lockgate.engine.postgres import ops_sql_table as table_sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, names_and_key, refuse
from lockgate.engine.postgres.ops_graph import Fact, Graph
from lockgate.engine.postgres.ops_parents import bounds_of, leave_and_join
from lockgate.engine.postgres.ops_table_rebuild import rebuild_prechecks
from lockgate.engine.postgres.park import Move, own_schema, park_object
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option
from lockgate.model import keys
from lockgate.model.op import CONTRACT, HazardKind, Op, Parked, Statement
from lockgate.model.schema import Column, Exclusion, ForeignKey, Index, Key, PrimaryKey, Sequence, Table, Unique


def park_op(context: Context, key: Key, table: Table) -> Op:
    """Return the op that parks a dropped or rebuilt table."""
    parts = [f for f in context.before.parts_of(key) if context.doing(f.key) is Doing.PARKED]
    if context.doing(key) is Doing.REPLACE:
        parts = [f for f in context.before.parts_of(key) if not isinstance(f.value, ForeignKey)]
    reserved = context.names.next(table.name)
    context.reserved[key] = reserved
    detach: tuple[Statement, ...] = ()
    attach: tuple[Statement, ...] = ()
    if any(context.doing(p) not in (Doing.DROP, Doing.REPLACE) for p in table.inherits):
        move = _copy_and_drop(context, table, reserved)
    else:
        move = park_table(context, table, context.before, reserved)
        detach, attach = leave_and_join(context, table, is_before=True)
    releases = {d for f in parts for d in f.deps} | set(context.before.facts[key].deps)
    sequences = [f for f in _owned_sequences(context.before, table) if context.doing(f.key) is Doing.PARKED]
    fact = context.before.facts[key]
    return Op(
        title=f"park table {key.path}",
        stage=CONTRACT,
        table=key,
        changes=context.changes_of(key),
        forward=(*detach, *move.away),
        backward=(*move.back, *attach),
        prechecks=rebuild_prechecks(context, key, table),
        parks=(move.parked,),
        removes=names_and_key([fact, *parts, *sequences])
        | bounds_of(table)
        | {Key("relation", key.namespace, name) for name in automatic_names(context, table, context.before)},
        releases=frozenset(releases) - {key} - {f.key for f in parts},
        rank=50,
    )


def park_table(context: Context, table: Table, graph: Graph, reserved: str) -> Move:
    """Return how a table is parked with its indexes and sequences, whose names are freed as well."""
    key = keys.table_key(table)
    words = sql.table_words(table)
    move = park_object(key, words, table.name, reserved)
    away: list[Statement] = []
    back: list[Statement] = []
    for kind, name in _names_to_free(context, table, graph):
        free = context.names.next(name)
        old, new = qualify(table.namespace, name), qualify(table.namespace, free)
        form = "rename_index" if kind == "INDEX" else "rename"
        away.append(statement(f"ALTER {kind} {old} RENAME TO {quote_ident(free)}", form))
        back.append(statement(f"ALTER {kind} {new} RENAME TO {quote_ident(name)}", form))
    return Move((*move.away[:1], *away, *move.away[1:]), (*move.back, *back), move.parked)


def _names_to_free(context: Context, table: Table, graph: Graph) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in graph.parts_of(keys.table_key(table)):
        value = part.value
        if graph is context.before and context.doing(part.key) is Doing.DROP:
            continue
        if graph is context.after and part.key in context.late:
            continue
        if isinstance(value, Index | PrimaryKey | Unique | Exclusion):
            found.append(("INDEX", value.name))
        elif isinstance(value, Column) and value.identity is not None:
            found.append(("SEQUENCE", identity_sql.identity_sequence(table, value)))
    found += [("INDEX", name) for name in automatic_names(context, table, graph)]
    if graph is context.before:
        for fact in _owned_sequences(graph, table):
            if context.doing(fact.key) is Doing.PARKED:
                found.append(("SEQUENCE", fact.key.name))
    return found


def automatic_names(context: Context, table: Table, graph: Graph) -> list[str]:
    """Return the names of a partition's indexes that follow from its parent's, as far as they are known."""
    found: list[str] = []
    own = graph.parts_of(keys.table_key(table))
    above = (
        graph.tables.get(Key("table", table.partition_of.namespace, table.partition_of.name))
        if table.partition_of
        else None
    )
    while above is not None:
        for part in graph.parts_of(keys.table_key(above)):
            value = part.value
            if not isinstance(value, Index | PrimaryKey | Unique) or option(value.options, "only"):
                continue
            is_gone = graph is context.before and context.doing(part.key) in (Doing.DROP, Doing.REPLACE)
            is_later = graph is context.after and context.doing(part.key) in (Doing.CREATE, Doing.REPLACE)
            is_gone = is_gone or is_later
            is_named = any(option(getattr(f.value, "options", ()), "attached_to") == value.name for f in own)
            if is_gone or is_named or part.key in context.late or any(p.column is None for p in value.parts):
                continue
            columns = (
                ""
                if isinstance(value, PrimaryKey)
                else "_".join([*(p.column or "" for p in value.parts), *value.include])
            )
            suffix = {Index: "idx", PrimaryKey: "pkey", Unique: "key"}[type(value)]
            found.append(make_object_name(table.name, columns, suffix))
        part_of = above.partition_of
        above = graph.tables.get(Key("table", part_of.namespace, part_of.name)) if part_of is not None else None
    return found


def _owned_sequences(graph: Graph, table: Table) -> list[Fact]:
    found = []
    for fact in graph.facts.values():
        owner = fact.value.owned_by if isinstance(fact.value, Sequence) else None
        if owner is not None and (owner.namespace, owner.name) == (table.namespace, table.name):
            found.append(fact)
    return found


def copy_away(context: Context, table: Table) -> Move:
    """Return how the rows of a new table are copied as text and the table dropped, leaving nothing of its types."""
    key = keys.table_key(table)
    there = f"lockgate.{quote_ident(context.names.next(table.name))}"
    columns = [f"{quote_ident(c.name)}::text AS {quote_ident(c.name)}" for c in table.columns]
    on = qualify(table.namespace, table.name)
    text = f"CREATE TABLE {there} AS SELECT {', '.join(columns)} FROM ONLY {on}"
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    away = (own_schema(), statement(text, "save_rows"), statement(f"DROP TABLE {on}", "park_table"))
    return Move(away, (), Parked(original=key, parked=there, finalize=(drop,)))


def _copy_and_drop(context: Context, table: Table, reserved: str) -> Move:
    """Return how a child whose parent stays is kept: as a copy of its rows, so that the parent does not show them."""
    if _owned_sequences(context.before, table) or any(c.identity is not None for c in table.columns):
        raise refuse(f"table {table.name} inherits from a table that stays", "its sequences could not be kept")
    key = keys.table_key(table)
    on, there = qualify(table.namespace, table.name), f"lockgate.{quote_ident(reserved)}"
    names = ", ".join(quote_ident(c.name) for c in table.columns if c.generated is None)
    hazard = (HazardKind.DELETES_DATA, f"{key} is kept as {there} until finalize")
    away = (
        own_schema(),
        statement(f"CREATE TABLE {there} AS SELECT {names} FROM ONLY {on}", "save_rows"),
        statement(f"DROP TABLE {on}", "park_table", hazard),
    )
    parents = [context.before.tables[k] for k in table.inherits if k in context.before.tables]
    parked = [f.key for f in context.before.parts_of(key) if context.doing(f.key) is Doing.PARKED]
    texts = table_sql.create_table(table_sql.with_parts(table, set(parked)), parents, ())
    back = (
        *(statement(text, "create") for text in texts),
        statement(f"INSERT INTO {on} ({names}) SELECT {names} FROM {there}", "update_rows"),
        statement(f"DROP TABLE {there}", "drop_constraint"),
    )
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    return Move(away, back, Parked(original=key, parked=there, finalize=(drop,)))
