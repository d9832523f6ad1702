"""Ops that create, park and alter whole tables; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, names_and_key, refuse, resources_of
from lockgate.engine.postgres.ops_graph import Default, Fact, Graph
from lockgate.engine.postgres.park import Move, own_schema, park_object
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import option
from lockgate.model import keys
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Parked, Precheck, Statement
from lockgate.model.schema import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Index,
    Key,
    PartitionOf,
    PrimaryKey,
    Sequence,
    Table,
    Unique,
)


def add_table_ops(context: Context) -> None:
    """Add the ops of every table that is created, dropped, rebuilt or altered as a whole."""
    for key, table in sorted(context.before.tables.items()):
        if context.doing(key) in (Doing.DROP, Doing.REPLACE):
            context.add(_park_op(context, key, table))
    for key, table in sorted(context.after.tables.items()):
        doing = context.doing(key)
        if doing in (Doing.CREATE, Doing.REPLACE):
            context.add(_create_op(context, key, table))
            is_root = not any(context.doing(p) is Doing.REPLACE for p in context.parents(table))
            if doing is Doing.REPLACE and is_root:
                context.add(_copy_op(context, key, table))
        elif doing is Doing.ALTER:
            _add_alter_ops(context, context.before.tables[key], table)
    for parent in sorted(context.after.tables):
        _add_bounds_op(context, parent)


def _add_bounds_op(context: Context, parent: Key) -> None:
    """Add the op that gives the partitions of one parent their new bounds at once, for bounds may change places."""
    moved = [t for t in context.after.tables.values() if _is_rebound(context, t) and parent in context.parents(t)]
    there = qualify(parent.namespace, parent.name)
    old = [context.before.tables[keys.table_key(t)] for t in moved]
    leave = [statement(f"ALTER TABLE {there} DETACH PARTITION {sql.name_of(t)}", "detach") for t in moved]

    def join(tables: list[Table]) -> list[Statement]:
        bounds = [(sql.name_of(t), t.partition_of.bound) for t in tables if t.partition_of is not None]
        return [statement(f"ALTER TABLE {there} ATTACH PARTITION {name} {bound}", "attach") for name, bound in bounds]

    if moved:
        context.add(
            Op(
                title=f"change the bounds of partitions of {parent.path}",
                stage=FIX,
                table=parent,
                changes=tuple(c for t in moved for c in _changes(context, keys.table_key(t))),
                forward=(*leave, *join(moved)),
                backward=(*leave, *join(old)),
                creates=frozenset({Key("bounds", *parent[1:3]), Key("rebound", *parent[1:3])}),
                rank=-4,
            )
        )


def _is_rebound(context: Context, table: Table) -> bool:
    was = context.before.tables.get(keys.table_key(table))
    old, new = was.partition_of if was else None, table.partition_of
    return _same_parent(old, new)


def _same_parent(old: PartitionOf | None, new: PartitionOf | None) -> bool:
    if old is None or new is None or old == new:
        return False
    return (old.namespace, old.name) == (new.namespace, new.name)


def _bounds_of(table: Table) -> frozenset[Key]:
    part = table.partition_of
    return frozenset({Key("bounds", part.namespace, part.name)}) if part is not None else frozenset()


def _create_op(context: Context, key: Key, table: Table) -> Op:
    folded = [f for f in context.after.parts_of(key) if context.doing(f.key) is Doing.WITH_TABLE]
    body = _with_parts(table, {f.key for f in folded}) if context.doing(key) is Doing.CREATE else table
    if context.doing(key) is Doing.REPLACE:
        folded = [f for f in context.after.parts_of(key) if not isinstance(f.value, ForeignKey)]
        body = replace(table, foreign_keys=())
    fact = context.after.facts[key]
    needs = set(fact.deps)
    for part in folded:
        needs |= part.deps
    needs |= _parent_needs(context, table) | {Key("rebound", *k[1:3]) for k in context.parents(table)}
    needs -= {f.key for f in folded} | {key}
    forward = tuple(statement(text, "create") for text in _create_texts(context, body))
    if context.copies_back(key):
        move = _copy_away(context, table)
    else:
        move = park_table(context, table, context.after, context.names.next(table.name))
    detach, _ = _detach(context, table, is_before=False)
    return Op(
        title=f"create table {key.path}",
        stage=EXPAND,
        table=key,
        changes=_changes(context, key),
        forward=forward,
        backward=(*detach, *move.away),
        backward_parks=(move.parked,),
        creates=names_and_key([fact, *folded]) | _bounds_of(table),
        needs=frozenset(needs),
        rank=0,
    )


def _copy_away(context: Context, table: Table) -> Move:
    """Return how the rows of a new table are copied as text and the table dropped, leaving nothing of its types."""
    key = keys.table_key(table)
    there = f"lockgate.{quote_ident(context.names.next(table.name))}"
    columns = [f"{quote_ident(c.name)}::text AS {quote_ident(c.name)}" for c in table.columns]
    on = qualify(table.namespace, table.name)
    text = f"CREATE TABLE {there} AS SELECT {', '.join(columns)} FROM ONLY {on}"
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    away = (own_schema(), statement(text, "save_rows"), statement(f"DROP TABLE {on}", "park_table"))
    return Move(away, (), Parked(original=key, parked=there, finalize=(drop,)))


def _parent_needs(context: Context, table: Table) -> set[Key]:
    """Return what a parent has to have before a child is made like it."""
    found: set[Key] = set()
    for parent in context.parents(table):
        for part in context.after.parts_of(parent):
            if isinstance(part.value, Column | Check):
                found |= {part.key, Key("not_null", *part.key[1:]), Key("plain", *part.key[1:])}
        above = context.after.tables.get(parent)
        found |= _parent_needs(context, above) if above is not None else set()
    return found


def _create_texts(context: Context, table: Table) -> list[str]:
    tables = context.after.tables
    parent = table.partition_of
    if parent is not None and context.doing(key := Key("table", parent.namespace, parent.name)) not in (
        Doing.CREATE,
        Doing.REPLACE,
    ):
        return sql.create_partition(table, tables[key])
    parents = [tables[k] for k in table.inherits if k in tables]
    checks: list[Check] = []
    part = table.partition_of
    while part is not None and (above := tables.get(Key("table", part.namespace, part.name))) is not None:
        checks += [c for c in above.checks if not c.is_no_inherit]
        part = above.partition_of
    return sql.create_table(table, parents, tuple(checks))


def _changes(context: Context, key: Key) -> tuple:  # type: ignore[type-arg]
    change = context.decisions.change_of.get(key)
    return (change,) if change is not None else ()


def _with_parts(table: Table, folded: set[Key]) -> Table:
    """Return the table with only the parts that are created together with it."""
    key = keys.table_key(table)

    def has(part: Column | Index | PrimaryKey | Unique | Check | Exclusion) -> bool:
        return keys.child_key(key, part) in folded

    def column(value: Column) -> Column:
        is_late = value.default is not None and Key("default", key.namespace, key.name, value.name) not in folded
        return replace(value, default=None) if is_late and value.generated is None else value

    return replace(
        table,
        columns=tuple(column(c) for c in table.columns if has(c)),
        primary_key=table.primary_key if table.primary_key and has(table.primary_key) else None,
        uniques=tuple(filter(has, table.uniques)),
        checks=tuple(filter(has, table.checks)),
        exclusions=tuple(filter(has, table.exclusions)),
        indexes=tuple(filter(has, table.indexes)),
        foreign_keys=(),
    )


def _park_op(context: Context, key: Key, table: Table) -> Op:
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
        detach, attach = _detach(context, table, is_before=True)
    releases = {d for f in parts for d in f.deps} | set(context.before.facts[key].deps)
    sequences = [f for f in _owned_sequences(context.before, table) if context.doing(f.key) is Doing.PARKED]
    fact = context.before.facts[key]
    return Op(
        title=f"park table {key.path}",
        stage=CONTRACT,
        table=key,
        changes=_changes(context, key),
        forward=(*detach, *move.away),
        backward=(*move.back, *attach),
        prechecks=_rebuild_prechecks(context, key, table),
        parks=(move.parked,),
        removes=names_and_key([fact, *parts, *sequences])
        | _bounds_of(table)
        | {Key("relation", key.namespace, name) for name in _automatic_names(context, table, context.before)},
        releases=frozenset(releases) - {key} - {f.key for f in parts},
        rank=50,
    )


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
    texts = sql.create_table(_with_parts(table, set(parked)), parents, ())
    back = (
        *(statement(text, "create") for text in texts),
        statement(f"INSERT INTO {on} ({names}) SELECT {names} FROM {there}", "update_rows"),
        statement(f"DROP TABLE {there}", "drop_constraint"),
    )
    drop = statement(f"DROP TABLE IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    return Move(away, back, Parked(original=key, parked=there, finalize=(drop,)))


def _owned_sequences(graph: Graph, table: Table) -> list[Fact]:
    found = []
    for fact in graph.facts.values():
        owner = fact.value.owned_by if isinstance(fact.value, Sequence) else None
        if owner is not None and (owner.namespace, owner.name) == (table.namespace, table.name):
            found.append(fact)
    return found


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
        away.append(statement(f"ALTER {kind} {old} RENAME TO {quote_ident(free)}", "rename"))
        back.append(statement(f"ALTER {kind} {new} RENAME TO {quote_ident(name)}", "rename"))
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
            found.append(("SEQUENCE", sql.identity_sequence(table, value)))
    found += [("INDEX", name) for name in _automatic_names(context, table, graph)]
    if graph is context.before:
        for fact in _owned_sequences(graph, table):
            if context.doing(fact.key) is Doing.PARKED:
                found.append(("SEQUENCE", fact.key.name))
    return found


def _automatic_names(context: Context, table: Table, graph: Graph) -> list[str]:
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


def _detach(context: Context, table: Table, is_before: bool) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return how a child leaves and joins a parent that stays, so that parked rows are not seen through it."""
    this = qualify(table.namespace, table.name)
    away: list[Statement] = []
    back: list[Statement] = []
    leaving = (Doing.DROP, Doing.REPLACE) if is_before else (Doing.CREATE, Doing.REPLACE)
    parent = table.partition_of
    if parent is not None and context.doing(Key("table", parent.namespace, parent.name)) not in leaving:
        name = qualify(parent.namespace, parent.name)
        away.append(statement(f"ALTER TABLE {name} DETACH PARTITION {this}", "detach"))
        back.append(statement(f"ALTER TABLE {name} ATTACH PARTITION {this} {parent.bound}", "attach"))
    for ancestor in table.inherits:
        if context.doing(ancestor) not in leaving:
            name = qualify(ancestor.namespace, ancestor.name)
            away.append(statement(f"ALTER TABLE {this} NO INHERIT {name}", "alter_table"))
            back.append(statement(f"ALTER TABLE {this} INHERIT {name}", "alter_table"))
    return tuple(away), tuple(back)


def _partitions_of(context: Context, key: Key) -> list[Table]:
    return [t for t in context.after.tables.values() if t.partition_of and key in context.parents(t)]


def _rebuild_prechecks(context: Context, key: Key, table: Table) -> tuple[Precheck, ...]:
    """Ask, before a table is rebuilt with partitions, whether each row has one to go to."""
    new = context.after.tables.get(key)
    if context.doing(key) is not Doing.REPLACE or new is None or new.partitioning is None:
        return ()
    return checks.outside(table, new.partitioning.by, _partitions_of(context, key))


def _copy_op(context: Context, key: Key, table: Table) -> Op:
    """Return the op that copies the rows of a rebuilt table from the parked one."""
    old = context.before.tables[key]
    known = {c.name: c for c in old.columns if c.generated is None}
    both = [c for c in table.columns if c.generated is None and c.name in known]
    if any(known[c.name].type != c.type for c in both):
        raise refuse(f"table {key.path} would be rebuilt and its columns converted", "change the types in a first plan")
    names = ", ".join(quote_ident(c.name) for c in both)
    parked = f"lockgate.{quote_ident(context.reserved[key])}"
    insert = (
        f"INSERT INTO {qualify(key.namespace, key.name)} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {parked}"
    )
    children = _partitions_of(context, key)
    return Op(
        title=f"copy the rows of {key.path}",
        stage=EXPAND,
        table=key,
        forward=(statement(insert, "update_rows", (HazardKind.LONG_LOCK, "all rows are copied")),),
        needs=frozenset({key, *(keys.table_key(t) for t in children)}),
        creates=frozenset({Key("rows", key.namespace, key.name)}),
        rank=40,
    )


def _add_alter_ops(context: Context, before: Table, after: Table) -> None:
    key = keys.table_key(after)
    _add_parent_ops(context, before, after)
    forward = sql.alter_table_options(before, after)
    if not forward:
        return
    backward = sql.alter_table_options(after, before)
    stage = FIX
    marks = [dict(t.options) for t in (before, after)]
    needs: set[Key] = set()
    releases: set[Key] = set()
    for name in ("clustered_on", "replica_identity"):
        for options, into in ((marks[0], releases), (marks[1], needs)):
            index = options.get(name, "")
            index = sql.unquote(index.removeprefix("index ")) if name == "replica_identity" else index
            into.update(f.key for f in _index_facts(context, key, index))
    context.add(
        Op(
            title=f"alter table {key.path}",
            stage=stage,
            table=key,
            changes=_changes(context, key),
            forward=forward,
            backward=backward,
            needs=frozenset(needs | {key}),
            releases=frozenset(releases),
            rank=30,
        )
    )


def _index_facts(context: Context, table: Key, name: str) -> list[Fact]:
    found = []
    for graph in (context.before, context.after):
        for kind in ("index", "primary_key", "unique", "exclusion"):
            fact = graph.get(Key(kind, table.namespace, table.name, name))
            if fact is not None:
                found.append(fact)
    return found


def _add_parent_ops(context: Context, before: Table, after: Table) -> None:
    key = keys.table_key(after)
    this = qualify(after.namespace, after.name)
    old, new = before.partition_of, after.partition_of
    if old != new and not _same_parent(old, new):
        if old is not None:
            _add_detach_op(context, key, this, old.namespace, old.name, f" {old.bound}")
        if new is not None:
            _add_attach_op(context, after, this, new.namespace, new.name, f" {new.bound}")
    for parent in before.inherits:
        if parent not in after.inherits:
            _add_inherit_op(context, key, this, parent, is_joining=False)
    for parent in after.inherits:
        if parent not in before.inherits:
            _add_inherit_op(context, key, this, parent, is_joining=True)


def _add_detach_op(context: Context, key: Key, this: str, namespace: str, name: str, bound: str) -> None:
    parent = Key("table", namespace, name)
    there = qualify(namespace, name)
    detach = statement(f"ALTER TABLE {there} DETACH PARTITION {this}", "detach")
    attach = statement(f"ALTER TABLE {there} ATTACH PARTITION {this}{bound}", "attach")
    left_over = tuple(_left_over(context, key, parent))
    context.add(
        Op(
            title=f"detach partition {key.path}",
            stage=FIX,
            table=key,
            changes=_changes(context, key),
            forward=(detach, *left_over),
            backward=(attach,),
            releases=frozenset({parent, *(f.key for f in context.before.parts_of(parent))}),
            creates=frozenset({Key("detached", key.namespace, key.name), Key("detached", namespace, name)}),
            removes=frozenset({Key("attached", key.namespace, key.name), Key("bounds", namespace, name)}),
            rank=-5,
        )
    )


def _left_over(context: Context, child: Key, parent: Key) -> list[Statement]:
    """Return what drops the parts a child had from its parent and shall not have; attaching it makes them again."""
    found = []
    old, new = context.before.tables[child], context.after.parts_of(child)
    for part in context.before.parts_of(parent):
        value = part.value
        if not isinstance(value, Index | PrimaryKey | Unique | Check | ForeignKey):
            continue
        if isinstance(value, Check) and any(c.name == value.name for c in old.checks):
            continue
        if compare.has_twin(value, new) or compare.has_twin(value, context.before.parts_of(child)):
            continue
        if isinstance(value, Check | ForeignKey):
            name, form = value.name, "CONSTRAINT"
        elif any(p.column is None for p in value.parts):
            raise refuse(
                f"partition {child.path} leaves its parent", f"the name of its part of {value.name} is not known"
            )
        else:
            columns = "" if isinstance(value, PrimaryKey) else "_".join(p.column or "" for p in value.parts)
            suffix = {Index: "idx", PrimaryKey: "pkey", Unique: "key"}[type(value)]
            name, form = make_object_name(child.name, columns, suffix), "INDEX" if suffix == "idx" else "CONSTRAINT"
        if form == "INDEX":
            found.append(statement(f"DROP INDEX {qualify(child.namespace, name)}", "drop_index"))
        else:
            text = f"ALTER TABLE {qualify(child.namespace, child.name)} DROP CONSTRAINT {quote_ident(name)}"
            found.append(statement(text, "drop_constraint"))
    return found


def _add_attach_op(context: Context, after: Table, this: str, namespace: str, name: str, bound: str) -> None:
    key = keys.table_key(after)
    parent = Key("table", namespace, name)
    there = qualify(namespace, name)
    detach = statement(f"ALTER TABLE {there} DETACH PARTITION {this}", "detach")
    attach = statement(
        f"ALTER TABLE {there} ATTACH PARTITION {this}{bound}",
        "attach",
        (HazardKind.MAY_FAIL_ON_DATA, "rows outside the bound are refused"),
    )
    parts = [f.key for f in context.after.parts_of(key) if isinstance(f.value, Column | Check | PrimaryKey | Unique)]
    parts += [Key("not_null", *p[1:]) for p in parts if p.kind == "column"]
    context.add(
        Op(
            title=f"attach partition {key.path}",
            stage=FIX,
            table=key,
            changes=_changes(context, key),
            forward=(attach,),
            backward=(detach,),
            needs=frozenset({parent, key, *parts}) | _parent_needs(context, after),
            creates=frozenset({Key("attached", key.namespace, key.name), Key("bounds", namespace, name)}),
            rank=60,
        )
    )


def _refuse_flag_changes(context: Context, key: Key) -> None:
    """A column that is a parent's only cannot become so again by INHERIT: the server then calls it the child's own."""
    for graph in (context.before, context.after):
        for part in graph.parts_of(key):
            if isinstance(part.value, Column) and sql.is_inherited(part.value):
                raise refuse(
                    f"table {key.path} changes its parents", "its inherited columns could not be put back exactly"
                )


def _add_inherit_op(context: Context, key: Key, this: str, parent: Key, is_joining: bool) -> None:
    _refuse_flag_changes(context, key)
    there = qualify(parent.namespace, parent.name)
    join = statement(f"ALTER TABLE {this} INHERIT {there}", "alter_table")
    leave = statement(f"ALTER TABLE {this} NO INHERIT {there}", "alter_table")
    inherits = Key("inherits", key.namespace, key.name, parent.path)
    parts = [f.key for f in context.after.parts_of(key) if isinstance(f.value, Column | Check)]
    context.add(
        Op(
            title=f"{'join' if is_joining else 'leave'} the parent {parent.path} of {key.path}",
            stage=FIX,
            table=key,
            changes=_changes(context, key),
            forward=(join if is_joining else leave,),
            backward=(leave if is_joining else join,),
            needs=frozenset({parent, key, *parts}) if is_joining else frozenset(),
            releases=frozenset() if is_joining else frozenset({parent}),
            creates=frozenset({inherits}) if is_joining else frozenset({Key("detached", key.namespace, key.name)}),
            removes=frozenset() if is_joining else frozenset({inherits}),
            rank=60 if is_joining else -5,
        )
    )


__all__ = ["Default", "add_table_ops", "own_schema", "park_table", "resources_of"]
