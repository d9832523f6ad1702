"""The op that changes a table beside others' writes, and why a change has no such form; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.sqlite import checks
from lockgate.engine.sqlite.add_column import plan_added_columns
from lockgate.engine.sqlite.foreign_gate import reference_gate
from lockgate.engine.sqlite.hazards import rebuild_hazards
from lockgate.engine.sqlite.ops_table import added_key, stage_of, summary_of
from lockgate.engine.sqlite.pair import Pair, plan_pair
from lockgate.engine.sqlite.render import same_table
from lockgate.engine.sqlite.steps import World, names_of, shape_key
from lockgate.model.change import AddColumn, AddIndex, AlterIndex, Change, DropIndex, RenameIndex
from lockgate.model.keys import table_key
from lockgate.model.op import HazardKind, Op, Statement, Strategy
from lockgate.model.schema import Table

_BUILDS = AddIndex | AlterIndex | RenameIndex


def pair_op(world: World, table: str, group: Sequence[Change]) -> tuple[Op | None, str]:
    """Return the op, or None and why the plain one is taken, in a sentence."""
    old, new, strategy = world.old[table], world.new[table], world.strategy(table)
    if strategy not in (Strategy.ONLINE, Strategy.TABLE_PAIR):
        return None, f"{new.name}: SQLite has no strategy {strategy.value}; done in one transaction"
    if all(isinstance(change, DropIndex) for change in group):
        return None, f"{new.name}: dropping an index copies no rows; done in one transaction"
    if _is_added_in_place(old, new, group):
        return None, f"{new.name}: adding these columns copies no rows; done in one transaction"
    gate = reference_gate(old, new)
    pair = plan_pair(
        old, new, world.triggers_before(old.name), world.triggers_after(new.name), world.names, tuple(gate)
    )
    if isinstance(pair, str):
        return None, f"{new.name} is changed in one transaction, during which writers wait: {pair}"
    world.carried.add(table)
    return _op(world, pair, group), ""


def _is_added_in_place(old: Table, new: Table, group: Sequence[Change]) -> bool:
    if not all(isinstance(change, AddColumn) for change in group):
        return False
    return same_table(plan_added_columns(old, new, group).table, new)


def _op(world: World, pair: Pair, group: Sequence[Change]) -> Op:
    old, new = pair.old.table, pair.new.table
    old_names = names_of(old, pair.old.triggers, with_table=False)
    new_names = names_of(new, pair.new.triggers, with_table=False)
    return Op(
        title=f"change table {new.name} beside its writers: {summary_of(group)}",
        stage=stage_of(old, new),
        table=table_key(new),
        changes=tuple(group),
        forward=_with_hazards(pair),
        backward=pair.backward(),
        revert=pair.revert(),
        redo=pair.redo(),
        prechecks=checks.for_rebuild(old, new, world.old, world.new),
        backward_prechecks=pair.prechecks(is_soft=not world.is_renamed(new.name)),
        parks=(pair.old_park(),),
        backward_parks=(pair.new_park(),),
        creates=(new_names - old_names) | {shape_key(new.name)},
        removes=old_names - new_names,
        needs=world.renames_for_table(new.name) | {added_key(old)},
        strategy=Strategy.ONLINE,
        notices=(
            f"every write to {new.name} is written twice, from the first statement until the parked table is dropped",
        ),
        extra_space=1.1,
    )


def _with_hazards(pair: Pair) -> tuple[Statement, ...]:
    """Put the hazards of the change, which rewrites nothing in use, on the statement that copies the rows."""
    hazards = [h for h in rebuild_hazards(pair.old.table, pair.new.table) if h.kind is not HazardKind.REWRITES_TABLE]
    statements = list(pair.forward())
    at = next(i for i, s in enumerate(statements) if s.chunked is not None)
    statements[at] = replace(statements[at], hazards=tuple(hazards))
    return tuple(statements)
