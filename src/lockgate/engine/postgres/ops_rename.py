"""Ops that rename tables, columns, indexes and constraints; names that change places are set aside first; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql as sql
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model import keys
from lockgate.model.change import Change, RenameColumn, RenameConstraint, RenameIndex, RenameTable
from lockgate.model.op import CONTRACT, FIX, HazardKind, Op, Statement
from lockgate.model.schema import Check, Constraint, ForeignKey, Index, Key


def add_rename_ops(context: Context) -> None:
    """Add the ops of all renames, and make every other op on a renamed table wait for it."""
    own: list[Op] = []
    for change in context.decisions.renames:
        match change:
            case RenameTable():
                own.append(_rename_table(context, change))
            case RenameColumn():
                own.append(_rename_column(context, change))
            case RenameIndex() | RenameConstraint():
                own += _rename_part(context, change)
    marks = {k for op in (*own, *context.ops) for k in op.creates if k.kind in ("renamed", "detached")}
    if marks:
        context.ops[:] = [replace(op, needs=op.needs | _marks_of(op, marks)) for op in context.ops]
    context.ops += own


def _marks_of(op: Op, marks: set[Key]) -> frozenset[Key]:
    touched = {(k.namespace, k.name) for k in (*op.needs, *op.releases, *op.creates, *op.removes)}
    if op.table is not None:
        touched.add((op.table.namespace, op.table.name))
    found = {m for m in marks if m.kind == "renamed" and (m.namespace, m.name) in touched}
    own = {(k.namespace, k.name) for k in (*op.creates, *op.removes) if k.kind != "bounds"}
    if op.table is not None and not any(k.kind in ("attached", "detached") for k in (*op.creates, *op.removes)):
        own.add((op.table.namespace, op.table.name))
        found |= {m for m in marks if m.kind == "detached" and (m.namespace, m.name) in own}
    return frozenset(found)


def _rename_table(context: Context, change: RenameTable) -> Op:
    old, new = change.before, change.after
    table = context.before.tables.get(new) or context.after.tables[new]
    words = sql.table_words(table)
    forward: list[Statement] = []
    backward: list[Statement] = []
    hazard = (HazardKind.BREAKS_OLD_CLIENTS, f"statements that name {old.path} fail")
    if old.name != new.name:
        text = f"ALTER {words} {qualify(old.namespace, old.name)} RENAME TO {quote_ident(new.name)}"
        forward.append(statement(text, "rename", hazard))
        text = f"ALTER {words} {qualify(old.namespace, new.name)} RENAME TO {quote_ident(old.name)}"
        backward.insert(0, statement(text, "rename"))
    if old.namespace != new.namespace:
        text = f"ALTER {words} {qualify(old.namespace, new.name)} SET SCHEMA {quote_ident(new.namespace)}"
        forward.append(statement(text, "rename", hazard))
        text = f"ALTER {words} {qualify(new.namespace, new.name)} SET SCHEMA {quote_ident(old.namespace)}"
        backward.insert(0, statement(text, "rename"))
    return Op(
        title=f"rename table {old.path} to {new.path}",
        stage=CONTRACT,
        table=new,
        changes=(change,),
        forward=tuple(forward),
        backward=tuple(backward),
        creates=frozenset({Key("renamed", new.namespace, new.name), Key("relation", new.namespace, new.name)}),
        removes=frozenset({Key("relation", old.namespace, old.name)}),
        needs=frozenset({Key("namespace", "", new.namespace)}),
        rank=-50,
    )


def _rename_column(context: Context, change: RenameColumn) -> Op:
    key = change.table
    table = context.before.tables.get(key) or context.after.tables[key]
    head = f"ALTER {sql.table_words(table)} {qualify(key.namespace, key.name)} RENAME COLUMN"
    old, new = quote_ident(change.before), quote_ident(change.after)
    hazard = (HazardKind.BREAKS_OLD_CLIENTS, f"statements that name {key.path}.{change.before} fail")
    return Op(
        title=f"rename column {key.path}.{change.before} to {change.after}",
        stage=CONTRACT,
        table=key,
        changes=(change,),
        forward=(statement(f"{head} {old} TO {new}", "rename", hazard),),
        backward=(statement(f"{head} {new} TO {old}", "rename"),),
        creates=frozenset({Key("renamed", key.namespace, key.name, change.after)}),
        needs=frozenset({Key("renamed", key.namespace, key.name)}),
        rank=-45,
    )


def _rename_part(context: Context, change: RenameIndex | RenameConstraint) -> list[Op]:
    table = context.after.tables[change.table]
    old, new = change.before.name, change.after.name
    needs = frozenset({change.table, Key("renamed", change.table.namespace, change.table.name)})
    kinds = _names_of(change.table, change.before, old), _names_of(change.table, change.after, new)
    before_key, after_key = keys.child_key(change.table, change.before), keys.child_key(change.table, change.after)
    title = f"rename {before_key} to {new}"
    if not _is_taken(context, change):
        there, back = _texts(table, change.before, old, new)
        return [
            Op(
                title=title, stage=FIX, table=change.table, changes=(change,), forward=(there,), backward=(back,),
                removes=kinds[0] | {before_key}, creates=kinds[1] | {after_key}, needs=needs, rank=18,
            )
        ]  # fmt: skip
    aside = context.names.next(old)
    first, second = _texts(table, change.before, old, aside), _texts(table, change.before, aside, new)
    mark = Key("aside", change.table.namespace, change.table.name, old)
    return [
        Op(
            title=f"set the name of {before_key} aside", stage=FIX, table=change.table, changes=(change,),
            forward=(first[0],), backward=(first[1],), removes=kinds[0] | {before_key}, creates=frozenset({mark}),
            needs=needs, rank=17,
        ),
        Op(
            title=title, stage=FIX, table=change.table, changes=(change,), forward=(second[0],), backward=(second[1],),
            creates=kinds[1] | {after_key}, needs=needs | {mark}, rank=18,
        ),
    ]  # fmt: skip


def _is_taken(context: Context, change: Change) -> bool:
    """Tell whether the new name is somebody else's before, who is renamed as well."""
    assert isinstance(change, RenameIndex | RenameConstraint)
    for other in context.decisions.renames:
        if other is change or not isinstance(other, RenameIndex | RenameConstraint):
            continue
        if other.before.name == change.after.name and other.table.namespace == change.table.namespace:
            return True
    return False


def _names_of(table: Key, part: Index | Constraint, name: str) -> frozenset[Key]:
    found = set()
    if not isinstance(part, Check | ForeignKey):
        found.add(Key("relation", table.namespace, name))
    if not isinstance(part, Index):
        found.add(Key("constraint", table.namespace, table.name, name))
    return frozenset(found)


def _texts(table: object, part: Index | Constraint, old: str, new: str) -> tuple[Statement, Statement]:
    from lockgate.model.schema import Table

    assert isinstance(table, Table)
    if isinstance(part, Index):
        there = f"ALTER INDEX {qualify(table.namespace, old)} RENAME TO {quote_ident(new)}"
        back = f"ALTER INDEX {qualify(table.namespace, new)} RENAME TO {quote_ident(old)}"
    else:
        head = f"ALTER {sql.table_words(table)} {sql.name_of(table)} RENAME CONSTRAINT"
        there = f"{head} {quote_ident(old)} TO {quote_ident(new)}"
        back = f"{head} {quote_ident(new)} TO {quote_ident(old)}"
    form = "rename_index" if isinstance(part, Index) else "rename"
    return statement(there, form), statement(back, form)
