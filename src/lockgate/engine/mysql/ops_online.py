"""Tables that are changed while everybody goes on: which of them can be, and the notice for those that cannot; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.engine.base import ParkNames
from lockgate.engine.mysql.draft import Draft
from lockgate.engine.mysql.pair_check import why_not_pair
from lockgate.engine.mysql.pair_table import pair_op
from lockgate.engine.mysql.states import Way, bare_table
from lockgate.engine.mysql.table_job import TableJob
from lockgate.model.change import Change
from lockgate.model.keys import table_key
from lockgate.model.op import Op, Strategy
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server

_BY_PAIR = frozenset({Strategy.ONLINE, Strategy.TABLE_PAIR})
_NO_COLUMN_PAIRS = "pairs of columns are not made on MySQL and MariaDB; --strategy table-pair mirrors the whole table"


@dataclass
class OnlineTables:
    """The tables of one plan that are changed otherwise than by plain DDL."""

    before: Schema
    after: Schema
    server: Server
    names: ParkNames
    strategies: Mapping[Key, Strategy]
    ops: dict[str, Op] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def take(self, found: Sequence[tuple[str, list[Change]]]) -> None:
        """Make the ops of the tables that have a strategy; what has no such form is left to plain DDL."""
        old = {t.name: t for t in self.before.tables}
        new = {t.name: t for t in self.after.tables}
        changed = frozenset(name for name, _ in found)
        for name, changes in found:
            strategy = self.strategies.get(table_key(new[name])) if name in new else None
            if strategy is Strategy.COLUMN_PAIR:
                self.refused[name] = f"{name} is changed by plain DDL: {_NO_COLUMN_PAIRS}"
            if strategy not in _BY_PAIR or name not in old:
                continue
            reason = why_not_pair(old[name], new[name], self.before, self.server, changed)
            if reason:
                self.refused[name] = f"{name} is changed by plain DDL: {reason}"
                continue
            before, after = bare_table(old[name]), bare_table(new[name])
            way = Way(before=before, expanded=before, fixed=after, after=after)
            job = TableJob(way, tuple(changes), self.server, self.names)
            self.ops[name] = pair_op(job, before, after, old[name].foreign_keys)

    def add(self, draft: Draft, stage: int) -> None:
        """Add the ops of a stage."""
        for name, op in sorted(self.ops.items()):
            if op.stage == stage:
                draft.add(op, {name})

    def with_notices(self, ops: tuple[Op, ...]) -> tuple[Op, ...]:
        """Return the ops with a notice on each that is plain because it has to be."""
        if not self.refused:
            return ops
        return tuple(
            replace(op, notices=(*op.notices, self.refused[op.table.name]))
            if op.table is not None and op.strategy is Strategy.PLAIN and op.table.name in self.refused
            else op
            for op in ops
        )
