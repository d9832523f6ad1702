"""Indexes of tables that need no rebuild; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.sqlite import checks
from lockgate.engine.sqlite.locks import hazard, note
from lockgate.engine.sqlite.render import index_sql
from lockgate.engine.sqlite.steps import World, relation, shape_key
from lockgate.engine.sqlite.tokens import quote
from lockgate.model.change import AddIndex, AlterIndex, Change, DropIndex, RenameIndex
from lockgate.model.keys import table_key
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Statement
from lockgate.model.schema import Index


def index_ops(world: World, table: str, group: Sequence[Change]) -> list[Op]:
    """Return one op an index change of a table."""
    return [_op(world, table, change) for change in group]


def _op(world: World, table: str, change: Change) -> Op:
    if isinstance(change, AddIndex):
        return _make(world, table, change, None, change.index)
    if isinstance(change, DropIndex):
        return _make(world, table, change, change.index, None)
    assert isinstance(change, AlterIndex | RenameIndex)
    return _make(world, table, change, change.before, change.after)


def _make(world: World, table: str, change: Change, old: Index | None, new: Index | None) -> Op:
    owner = world.new[table]
    old_drop = (note(f"DROP INDEX {quote(old.name)}"),) if old else ()
    old_create = (create_index(old, owner.name),) if old else ()
    new_drop = (note(f"DROP INDEX {quote(new.name)}"),) if new else ()
    new_create = (create_index(new, owner.name),) if new else ()
    index = new or old
    assert index is not None
    verb = "create" if old is None else "drop" if new is None else "change"
    stage = CONTRACT if new is None else FIX if old is not None or new.is_unique else EXPAND
    names = frozenset(relation(i.name) for i in (old, new) if i)
    return Op(
        title=f"{verb} index {index.name} on {owner.name}",
        stage=stage,
        table=table_key(owner),
        changes=(change,),
        forward=old_drop + new_create,
        backward=new_drop + old_create,
        prechecks=checks.unique_index(owner, new, world.old.get(table)) if new else (),
        backward_prechecks=checks.unique_index(owner, old, owner) if old else (),
        creates=names if old is None else frozenset(),
        removes=names if new is None else frozenset(),
        needs=frozenset([shape_key(table)]) | world.renames_for_table(owner.name),
    )


def create_index(index: Index, table: str) -> Statement:
    """Return CREATE INDEX with what it may do."""
    hazards = [hazard(HazardKind.LONG_LOCK, "writers wait while the index is built")]
    if index.is_unique:
        hazards.append(hazard(HazardKind.MAY_FAIL_ON_DATA, "equal values refuse a unique index"))
    return note(index_sql(index, table), *hazards)
