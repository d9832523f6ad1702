"""Turn changes into ops: in place where SQLite can, else by one rebuild a table; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from lockgate.engine.base import NO_STRATEGIES, ParkNames
from lockgate.engine.sqlite import ops_definitions, ops_index, ops_pair, ops_rename, ops_table
from lockgate.engine.sqlite.steps import World
from lockgate.engine.sqlite.tokens import fold
from lockgate.errors import UnsupportedChange
from lockgate.model.change import (
    AddIndex,
    AlterIndex,
    AlterObject,
    AlterTable,
    Change,
    CreateObject,
    DropIndex,
    DropObject,
    RenameColumn,
    RenameIndex,
    RenameTable,
)
from lockgate.model.op import Op, Strategy
from lockgate.model.schema import Definition, Key, Schema, Table
from lockgate.model.server import Server


def plan_ops(
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    server: Server,
    names: ParkNames,
    strategies: Mapping[Key, Strategy] = NO_STRATEGIES,
) -> tuple[Op, ...]:
    """Propose ops for changes; all changes of a table that need a rebuild share one.

    Raises:
        UnsupportedChange: Something cannot be changed without losing what SQLite cannot give back.
    """
    world = World.of(changes, before, after, names, strategies)
    ops: list[Op] = []
    ops += ops_rename.rename_ops(changes)
    for table, group in _by_table(changes).items():
        ops += _table_ops(world, table, group)
    for change in changes:
        ops += _object_ops(world, change)
    return tuple(ops)


def _by_table(changes: Sequence[Change]) -> dict[str, list[Change]]:
    grouped: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if isinstance(change, CreateObject | DropObject | AlterObject | RenameTable | RenameColumn):
            continue
        name = change.after.name if isinstance(change, AlterTable) else change.table.name
        grouped[fold(name)].append(change)
    return grouped


def _table_ops(world: World, table: str, group: list[Change]) -> list[Op]:
    if world.strategy(table) is not Strategy.PLAIN:
        pair, reason = ops_pair.pair_op(world, table, group)
        if pair is not None:
            return [pair]
        return [replace(op, notices=(*op.notices, reason)) for op in _plain_ops(world, table, group)]
    return _plain_ops(world, table, group)


def _plain_ops(world: World, table: str, group: list[Change]) -> list[Op]:
    if all(isinstance(change, AddIndex | DropIndex | AlterIndex | RenameIndex) for change in group):
        return ops_index.index_ops(world, table, group)
    return ops_table.alter_ops(world, table, group)


def _object_ops(world: World, change: Change) -> list[Op]:
    if isinstance(change, CreateObject):
        if isinstance(change.object, Table):
            return [ops_table.create_op(world, change)]
        if isinstance(change.object, Definition):
            return ops_definitions.create_ops(world, change, change.object)
    elif isinstance(change, DropObject):
        if isinstance(change.object, Table):
            return [ops_table.drop_op(world, change)]
        if isinstance(change.object, Definition):
            return ops_definitions.drop_ops(world, change, change.object)
    elif isinstance(change, AlterObject):
        if isinstance(change.before, Definition) and isinstance(change.after, Definition):
            return ops_definitions.alter_ops(world, change, change.before, change.after)
    else:
        return []
    raise UnsupportedChange(f"SQLite has no such object: {change}", state="nothing was touched")
