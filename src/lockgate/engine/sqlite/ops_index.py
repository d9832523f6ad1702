"""Indexes of tables that need no rebuild; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.sqlite import checks
from lockgate.engine.sqlite.guards import drop_guards, guards, list_broken, row_key, taken
from lockgate.engine.sqlite.locks import hazard, note
from lockgate.engine.sqlite.render import index_sql
from lockgate.engine.sqlite.steps import World, relation, shape_key
from lockgate.engine.sqlite.tokens import quote
from lockgate.engine.sqlite.uniques import NO_LINK, UniqueKey, is_kept
from lockgate.model.change import AddIndex, AlterIndex, Change, DropIndex, RenameIndex
from lockgate.model.keys import table_key
from lockgate.model.op import CONTRACT, EXPAND, FIX, HazardKind, Op, Precheck, Soft, Statement
from lockgate.model.schema import Index, Table


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
    back = new_drop + old_create
    questions, unguard = _way_back(world, owner, old, new, back)
    return Op(
        title=f"{verb} index {index.name} on {owner.name}",
        stage=stage,
        table=table_key(owner),
        changes=(change,),
        forward=old_drop + new_create,
        backward=back,
        revert=back if unguard else None,
        redo=(*unguard, *old_drop, *new_create) if unguard else None,
        prechecks=checks.unique_index(owner, new, world.old.get(table)) if new else (),
        backward_prechecks=questions,
        creates=names if old is None else frozenset(),
        removes=names if new is None else frozenset(),
        needs=frozenset([shape_key(table)]) | world.renames_for_table(owner.name),
    )


def _way_back(
    world: World, owner: Table, old: Index | None, new: Index | None, back: tuple[Statement, ...]
) -> tuple[tuple[Precheck, ...], tuple[Statement, ...]]:
    """Return the question before a unique index comes back, and what takes away the guards that stand in for it."""
    current = replace(owner, indexes=tuple(i for i in (*owner.indexes, *([new] if new else [])) if i != old))
    if old is None or not old.is_unique:
        return (), ()
    key = UniqueKey(old.parts, old.where, old.name)
    if is_kept(key, owner, current, NO_LINK):
        return (), ()
    asked = checks.unique_index(owner, old, owner)
    if world.is_renamed(owner.name):
        return asked, ()
    guard, prefix = taken(owner, key), world.names.next(old.name)
    plain = index_sql(replace(old, is_unique=False, text=""), owner.name)
    soft = Soft(
        first=len(back) - 1,
        last=len(back) - 1,
        instead=(note(plain), *map(note, guards(owner, [guard], prefix, row_key(owner)))),
        rows=list_broken(owner, [guard]),
        settle=(
            *map(note, drop_guards(prefix, 1)),
            note(f"DROP INDEX {quote(old.name)}"),
            create_index(old, owner.name),
        ),
        message=f"rows of {owner.name} have the same {', '.join(key.names) or old.name}; new rows may not",
    )
    return tuple(replace(check, soft=soft) for check in asked), tuple(map(note, drop_guards(prefix, 1)))


def create_index(index: Index, table: str) -> Statement:
    """Return CREATE INDEX with what it may do."""
    hazards = [hazard(HazardKind.LONG_LOCK, "writers wait while the index is built")]
    if index.is_unique:
        hazards.append(hazard(HazardKind.MAY_FAIL_ON_DATA, "equal values refuse a unique index"))
    return note(index_sql(index, table), *hazards)
