"""Tables: create, drop (by parking), add columns in place, and everything else by one rebuild; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.sqlite import checks
from lockgate.engine.sqlite.add_column import AddedColumns, plan_added_columns
from lockgate.engine.sqlite.hazards import rebuild_hazards
from lockgate.engine.sqlite.locks import deletes, hazard, note
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.ops_index import index_ops
from lockgate.engine.sqlite.park import create_dependents, drop_dependents, parked_table
from lockgate.engine.sqlite.rebuild import Rebuild
from lockgate.engine.sqlite.render import same_table, table_sql
from lockgate.engine.sqlite.retire import bring_back, retire
from lockgate.engine.sqlite.side import Side, plan_side
from lockgate.engine.sqlite.stand_ins import loosens, plan_stand_ins
from lockgate.engine.sqlite.steps import World, names_of, shape_key
from lockgate.engine.sqlite.titles import change_title
from lockgate.engine.sqlite.tokens import fold
from lockgate.engine.sqlite.values import find_column
from lockgate.model.change import (
    AddColumn,
    AddIndex,
    AlterIndex,
    Change,
    CreateObject,
    DropIndex,
    DropObject,
    RenameIndex,
)
from lockgate.model.keys import table_key
from lockgate.model.op import CONTRACT, EXPAND, FIX, Hazard, HazardKind, Op, Parked, Statement
from lockgate.model.schema import Key, Table

_INDEX_CHANGES = AddIndex | DropIndex | AlterIndex | RenameIndex


def create_op(world: World, change: CreateObject) -> Op:
    """Return the op that creates a table with its indexes and triggers; its way back parks the table."""
    assert isinstance(change.object, Table)
    table, triggers = change.object, world.triggers_after(change.object.name)
    name = world.names.next(table.name)
    back = _notes([*drop_dependents(table, triggers), *retire(table, name)])
    return Op(
        title=f"create table {table.name}",
        stage=EXPAND,
        table=table_key(table),
        changes=(change,),
        forward=_notes([table_sql(table), *create_dependents(table, triggers)]),
        backward=back,
        revert=back,
        redo=_notes([*bring_back(table, name), *create_dependents(table, triggers)]),
        backward_parks=(parked_table(table_key(table), name),),
        creates=names_of(table, triggers, with_table=True) | {shape_key(table.name)},
    )


def drop_op(world: World, change: DropObject) -> Op:
    """Return the op that parks a table; its way back brings it back with its indexes and triggers."""
    assert isinstance(change.object, Table)
    table, triggers = change.object, world.triggers_before(change.object.name)
    name = world.names.next(table.name)
    gone = deletes(f"table {table.name} goes with its rows")
    breaks = hazard(HazardKind.BREAKS_OLD_CLIENTS, f"clients that still use {table.name} fail")
    forward = _notes([*drop_dependents(table, triggers), *retire(table, name)])
    return Op(
        title=f"drop table {table.name}",
        stage=CONTRACT,
        table=table_key(table),
        changes=(change,),
        forward=(*forward[:-1], replace(forward[-1], hazards=(gone, breaks))),
        backward=_notes([*bring_back(table, name), *create_dependents(table, triggers)]),
        parks=(parked_table(table_key(table), name),),
        removes=names_of(table, triggers, with_table=True),
        needs=world.all_renames(),
    )


def alter_ops(world: World, table: str, group: Sequence[Change]) -> list[Op]:
    """Return the ops of a table that differs in more than its indexes: columns in place, then a rebuild if needed."""
    old, new = world.old[table], world.new[table]
    added = plan_added_columns(old, new, group)
    ops: list[Op] = []
    # What stands in on the way back holds for one step: where something may, all of a table's changes are one.
    is_split = bool(added.columns) and not loosens(old, new)
    if is_split:
        is_whole = same_table(replace(added.table, indexes=()), replace(new, indexes=()))
        ops.append(_add_columns_op(world, old, added, group, is_whole=is_whole))
        if is_whole:
            indexes = [c for c in group if isinstance(c, _INDEX_CHANGES)]
            return ops + index_ops(world, table, indexes)
    world.carried.add(table)
    rest = [c for c in group if not (is_split and isinstance(c, AddColumn) and added.has(c.column.name))]
    ops.append(_rebuild_op(world, added.table if is_split else old, new, rest))
    return ops


def _add_columns_op(world: World, old: Table, added: AddedColumns, group: Sequence[Change], *, is_whole: bool) -> Op:
    triggers = world.triggers_before(old.name)
    side = plan_side(added.table, old, world.names, is_back=True)
    back = _notes(Rebuild(added.table, old, triggers, triggers, keep=side, is_back=True).statements())
    again = Rebuild(old, added.table, triggers, triggers, restore=side)
    names = ", ".join(c.name for c in added.columns)

    def is_mine(change: Change) -> bool:
        if is_whole:
            return not isinstance(change, _INDEX_CHANGES)
        return isinstance(change, AddColumn) and added.has(change.column.name)

    return Op(
        title=f"add column {old.name}.{names}" if len(added.columns) == 1 else f"add columns {names} to {old.name}",
        stage=EXPAND,
        table=table_key(old),
        changes=tuple(filter(is_mine, group)),
        forward=_notes(added.statements),
        backward=back,
        revert=back,
        redo=_notes(again.statements()),
        backward_parks=_parks(side, old),
        creates=frozenset([added_key(old)] + ([shape_key(old.name)] if is_whole else [])),
        needs=world.renames_for_table(old.name),
    )


def _rebuild_op(world: World, old: Table, new: Table, group: Sequence[Change]) -> Op:
    old_triggers, new_triggers = world.triggers_before(old.name), world.triggers_after(new.name)
    keep, back_keep = plan_side(old, new, world.names), plan_side(new, old, world.names, is_back=True)
    forward = Rebuild(old, new, old_triggers, new_triggers, keep=keep)
    again = Rebuild(old, new, old_triggers, new_triggers, keep=keep, restore=back_keep)
    way_back = Rebuild(new, old, new_triggers, old_triggers, keep=back_keep, restore=keep, is_back=True)
    back = _notes(way_back.statements())
    unguard: list[str] = []
    if world.is_renamed(new.name):
        questions = checks.refusals(new, old)
    else:
        questions, unguard = plan_stand_ins(way_back, back, world.names)
    old_names, new_names = names_of(old, old_triggers, with_table=False), names_of(new, new_triggers, with_table=False)
    return Op(
        title=f"rebuild table {new.name}: {summary_of(group)}",
        stage=stage_of(old, new),
        table=table_key(new),
        changes=tuple(group),
        forward=_with_hazards(forward.statements(), rebuild_hazards(old, new)),
        backward=back,
        revert=back,
        redo=_notes([*unguard, *again.statements()]),
        prechecks=checks.for_rebuild(old, new, world.old, world.new),
        backward_prechecks=questions,
        parks=_parks(keep, new),
        backward_parks=_parks(back_keep, old),
        creates=(new_names - old_names) | {shape_key(new.name)},
        removes=old_names - new_names,
        needs=world.renames_for_table(new.name) | {added_key(old)},
    )


def added_key(table: Table) -> Key:
    """Return the key of the columns that are added to a table in place, for which its other changes wait."""
    return Key("added_columns", "", fold(table.name))


def stage_of(old: Table, new: Table) -> int:
    """Return the stage: what old clients may trip over comes last."""
    drops = any(find_column(new, c.name) is None for c in old.columns)
    tightens = any(_tightens(old, c.name, c.is_nullable) for c in new.columns)
    rekeys = (
        replace(old.primary_key, options=()) != replace(new.primary_key, options=())
        if (old.primary_key and new.primary_key)
        else (old.primary_key is None) != (new.primary_key is None)
    )
    return CONTRACT if drops or tightens or rekeys or rowid_column(old) != rowid_column(new) else FIX


def _tightens(old: Table, name: str, is_nullable: bool) -> bool:
    was = find_column(old, name)
    return not is_nullable and (was is None or was.is_nullable)


def summary_of(group: Sequence[Change]) -> str:
    """Return a table's changes in a few words."""
    titles = [change_title(c) for c in group]
    return ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")


def _parks(side: Side, table: Table) -> tuple[Parked, ...]:
    result: list[Parked] = []
    if side.name:
        columns = ", ".join(c.name for c in side.lost + side.replaced + side.changed)
        result.append(parked_table(Key("column", "", table.name, columns), side.name, side.untrack()))
    if side.counter:
        result.append(parked_table(Key("sequence", "", table.name), side.counter))
    return tuple(result)


def _notes(statements: Sequence[str]) -> tuple[Statement, ...]:
    return tuple(note(sql, rewrites=sql.startswith("INSERT OR ABORT INTO")) for sql in statements)


def _with_hazards(statements: Sequence[str], hazards: Sequence[Hazard]) -> tuple[Statement, ...]:
    """Put the rebuild's hazards on the statement that copies the rows."""
    return tuple(replace(s, hazards=tuple(hazards)) if s.rewrites else s for s in _notes(statements))
