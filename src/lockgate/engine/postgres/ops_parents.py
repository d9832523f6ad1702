"""Ops that join tables to their parents and part them: partitions and inheritance; pure."""

from __future__ import annotations

from lockgate.engine.postgres import ops_compare as compare
from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.inspect_columns import make_object_name
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context, refuse
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import is_inherited
from lockgate.model import keys
from lockgate.model.op import FIX, HazardKind, Op, Statement
from lockgate.model.schema import Check, Column, ForeignKey, Index, Key, PartitionOf, PrimaryKey, Table, Unique


def add_parent_ops(context: Context, before: Table, after: Table) -> None:
    """Add the ops of a table that changes its parents."""
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


def add_bounds_op(context: Context, parent: Key) -> None:
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
                changes=tuple(c for t in moved for c in context.changes_of(keys.table_key(t))),
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


def bounds_of(table: Table) -> frozenset[Key]:
    """Return the mark of the bounds a partition is among."""
    part = table.partition_of
    return frozenset({Key("bounds", part.namespace, part.name)}) if part is not None else frozenset()


def parent_needs(context: Context, table: Table) -> set[Key]:
    """Return what a parent has to have before a child is made like it."""
    found: set[Key] = set()
    for parent in context.parents(table):
        for part in context.after.parts_of(parent):
            if isinstance(part.value, Column | Check):
                found |= {part.key, Key("not_null", *part.key[1:]), Key("plain", *part.key[1:])}
        above = context.after.tables.get(parent)
        found |= parent_needs(context, above) if above is not None else set()
    return found


def leave_and_join(
    context: Context, table: Table, is_before: bool
) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
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
            changes=context.changes_of(key),
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
            changes=context.changes_of(key),
            forward=(attach,),
            backward=(detach,),
            needs=frozenset({parent, key, *parts}) | parent_needs(context, after),
            creates=frozenset({Key("attached", key.namespace, key.name), Key("bounds", namespace, name)}),
            rank=60,
        )
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
            changes=context.changes_of(key),
            forward=(join if is_joining else leave,),
            backward=(leave if is_joining else join,),
            needs=frozenset({parent, key, *parts}) if is_joining else frozenset(),
            releases=frozenset() if is_joining else frozenset({parent}),
            creates=frozenset({inherits}) if is_joining else frozenset({Key("detached", key.namespace, key.name)}),
            removes=frozenset() if is_joining else frozenset({inherits}),
            rank=60 if is_joining else -5,
        )
    )


def _refuse_flag_changes(context: Context, key: Key) -> None:
    """A column that is a parent's only cannot become so again by INHERIT: the server then calls it the child's own."""
    for graph in (context.before, context.after):
        for part in graph.parts_of(key):
            if isinstance(part.value, Column) and is_inherited(part.value):
                raise refuse(
                    f"table {key.path} changes its parents", "its inherited columns could not be put back exactly"
                )
