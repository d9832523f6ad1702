"""Propose ops for the changes between two schemas, in one order that keeps both ways open; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lockgate.engine.base import NO_STRATEGIES, ParkNames
from lockgate.engine.mysql.draft import Draft, ddl
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.ops_contract import contract_ops
from lockgate.engine.mysql.ops_expand import expand_ops
from lockgate.engine.mysql.ops_fix import fix_ops
from lockgate.engine.mysql.ops_keys import KeyPlan, plan_keys
from lockgate.engine.mysql.ops_online import OnlineTables
from lockgate.engine.mysql.ops_programs import ProgramPlan
from lockgate.engine.mysql.ops_pt_osc import by_program
from lockgate.engine.mysql.ops_renames import rename_ops
from lockgate.engine.mysql.ops_tables import create_table_op, free_checks_op, park_table_op
from lockgate.engine.mysql.render import render_sequence, sequence_attributes
from lockgate.engine.mysql.states import plan_way
from lockgate.engine.mysql.table_job import TableJob, updates_rows
from lockgate.errors import UnsupportedChange
from lockgate.model.change import AlterObject, Change, CreateObject, DropObject, RenameColumn, RenameTable
from lockgate.model.keys import key_of
from lockgate.model.op import CONTRACT, EXPAND, FIX, Hazard, HazardKind, Op, Parked, Strategy
from lockgate.model.schema import Definition, Key, Schema, Table
from lockgate.model.schema import Sequence as SequenceObject
from lockgate.model.server import Server


def plan_ops(
    changes: Sequence[Change],
    before: Schema,
    after: Schema,
    server: Server,
    names: ParkNames,
    strategies: Mapping[Key, Strategy] = NO_STRATEGIES,
) -> tuple[Op, ...]:
    """Propose ops for changes.

    Args:
        before: The live schema, with renames among the changes applied already.
        names: Gives reserved names; the same start gives the same ops.

    Raises:
        UnsupportedChange: It names what cannot be done.
    """
    if not changes:
        return ()
    return _Plan(tuple(changes), before, after, server, names, strategies).build()


@dataclass
class _Plan:
    changes: tuple[Change, ...]
    before: Schema
    after: Schema
    server: Server
    names: ParkNames
    strategies: Mapping[Key, Strategy]

    def __post_init__(self) -> None:
        self.old = {t.name: t for t in self.before.tables}
        self.new = {t.name: t for t in self.after.tables}
        self.draft = Draft()
        self.freed: set[str] = set()
        self.created = dict(self._objects(CreateObject, Table))
        self.dropped = dict(self._objects(DropObject, Table))
        found = sorted(self._table_changes().items())
        self.pairs = OnlineTables(self.before, self.after, self.server, self.names, self.strategies)
        self.pairs.take(found)
        self.jobs = {name: self._job(name, changes) for name, changes in found if name not in self.pairs.ops}

    def _objects(self, kind: type[Change], of: type[Table] | type[SequenceObject]) -> list[tuple[str, Change]]:
        found = [c for c in self.changes if isinstance(c, kind) and isinstance(c, CreateObject | DropObject)]
        return [(c.object.name, c) for c in found if isinstance(c.object, of)]

    def _table_changes(self) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            if isinstance(change, CreateObject | DropObject | AlterObject | RenameTable | RenameColumn):
                continue
            name = change.after.name if not hasattr(change, "table") else change.table.name
            found.setdefault(name, []).append(change)
        return found

    def _job(self, name: str, changes: list[Change]) -> TableJob:
        way = plan_way(self.old[name], self.new[name], self.server, self.names)
        return TableJob(way, tuple(changes), self.server, self.names, self._linked(name))

    def _linked(self, name: str) -> frozenset[str]:
        """Return the columns of a table on either side of a foreign key, before or after."""
        found: set[str] = set()
        for table in (*self.before.tables, *self.after.tables):
            for key in table.foreign_keys:
                found |= set(key.columns) if table.name == name else set()
                found |= set(key.ref_columns) if key.ref_table == name else set()
        return frozenset(found)

    def build(self) -> tuple[Op, ...]:
        """Return all ops, ordered by what they touch."""
        draft = self.draft
        renames = [c for c in self.changes if isinstance(c, RenameTable | RenameColumn)]
        keys = self._keys()
        programs = self._programs(bool(renames))
        early = self._taken_names()
        programs.drop_early(draft, early)
        rename_ops(draft, renames, self.before, self.server)
        programs.drop_triggers(draft, early)
        keys.drop(draft, CONTRACT, early & self.dropped.keys())
        self._park_tables(early)
        self._free_names()
        self._sequences()
        self._create_tables()
        for job in self.jobs.values():
            expand_ops(job, draft)
        keys.drop(draft, FIX)
        programs.rest(draft)
        for job in self.jobs.values():
            fix_ops(job, draft)
        self.pairs.add(draft, FIX)
        keys.add(draft, FIX)
        programs.build(draft, is_late=False)
        programs.drop_rest(draft)
        keys.drop(draft, CONTRACT)
        for job in self.jobs.values():
            contract_ops(job, draft)
        self.pairs.add(draft, CONTRACT)
        keys.add(draft, CONTRACT)
        programs.build(draft, is_late=True)
        self._park_tables(frozenset(self.dropped) - early)
        self._drop_sequences()
        return by_program(self.pairs.with_notices(draft.finish()), self.before, self.after, self.names, self.strategies)

    def _keys(self) -> KeyPlan:
        ways = {name: job.way for name, job in self.jobs.items()}
        changed = frozenset(self.jobs.keys() | self.created.keys() | self.dropped.keys())
        return plan_keys(self.before, self.after, ways, self.server, changed)

    def _programs(self, is_renaming: bool) -> ProgramPlan:
        views = {d.name for s in (self.before, self.after) for d in s.definitions if d.kind == "view"}
        late = frozenset(n for job in self.jobs.values() for n in job.way.late)
        plan = ProgramPlan(
            self.server,
            frozenset(self.old.keys() | self.new.keys() | views),
            self.before.definitions,
            late,
            is_renaming,
            frozenset(name for name, job in self.jobs.items() if updates_rows(job.way)),
        )
        plan.take(self.changes)
        return plan

    def _taken_names(self) -> frozenset[str]:
        """Names of relations that go and come back as another kind."""
        gone = {c.object.name for c in self.changes if isinstance(c, DropObject) and _is_relation(c.object)}
        come = {c.object.name for c in self.changes if isinstance(c, CreateObject) and _is_relation(c.object)}
        return frozenset(gone & come)

    def _create_tables(self) -> None:
        for name, change in self.created.items():
            table = self.new[name]
            self.draft.add(create_table_op(table, (change,), self.server, self.names), {name})

    def _park_tables(self, chosen: frozenset[str]) -> None:
        for name, change in self.dropped.items():
            if name in chosen:
                if name not in self.freed:
                    self._free_checks(name, CONTRACT)
                self.draft.add(park_table_op(self.old[name], (change,), self.names), {name})

    def _free_checks(self, name: str, stage: int) -> None:
        op = free_checks_op(self.old[name], self.server, stage)
        if op is not None:
            self.draft.add(op, {name})

    def _free_names(self) -> None:
        """Drop the checks of tables to be parked whose names new tables need."""
        wanted = {check.name for table in self.new.values() for check in table.checks}
        for name in self.dropped:
            if wanted & {check.name for check in self.old[name].checks} and name not in self.freed:
                self._free_checks(name, EXPAND)
                self.freed.add(name)

    def _sequences(self) -> None:
        for name, change in self._objects(CreateObject, SequenceObject):
            assert isinstance(change, CreateObject) and isinstance(change.object, SequenceObject)
            parked = self.names.next(name)
            self.draft.add(
                Op(
                    title=f"create sequence {name}",
                    stage=EXPAND,
                    table=key_of(change.object),
                    changes=(change,),
                    forward=(ddl(render_sequence(change.object)),),
                    backward=(ddl(f"RENAME TABLE {quote_name(name)} TO {quote_name(parked)}"),),
                    backward_parks=(_parked_sequence(change.object, parked),),
                    revert=(ddl(f"RENAME TABLE {quote_name(name)} TO {quote_name(parked)}"),),
                    redo=(ddl(f"RENAME TABLE {quote_name(parked)} TO {quote_name(name)}"),),
                ),
                {name},
            )
        for change in self.changes:
            if isinstance(change, AlterObject) and isinstance(change.after, SequenceObject):
                self._alter_sequence(change)

    def _alter_sequence(self, change: AlterObject) -> None:
        before, after = change.before, change.after
        assert isinstance(before, SequenceObject) and isinstance(after, SequenceObject)
        if before.type != after.type or before.options != after.options:
            raise UnsupportedChange(
                f"the type or engine of sequence {after.name} cannot be changed in place", state="nothing was touched"
            )
        statements = [ddl(f"ALTER SEQUENCE {quote_name(s.name)} {sequence_attributes(s)}") for s in (after, before)]
        self.draft.add(
            Op(
                title=f"alter sequence {after.name}",
                stage=FIX,
                table=key_of(after),
                changes=(change,),
                forward=(statements[0],),
                backward=(statements[1],),
            ),
            {after.name},
        )

    def _drop_sequences(self) -> None:
        for name, change in self._objects(DropObject, SequenceObject):
            assert isinstance(change, DropObject) and isinstance(change.object, SequenceObject)
            parked = self.names.next(name)
            hazards = [Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"sequence {name} goes")]
            self.draft.add(
                Op(
                    title=f"park sequence {name}",
                    stage=CONTRACT,
                    table=key_of(change.object),
                    changes=(change,),
                    forward=(ddl(f"RENAME TABLE {quote_name(name)} TO {quote_name(parked)}", hazards=hazards),),
                    backward=(ddl(f"RENAME TABLE {quote_name(parked)} TO {quote_name(name)}"),),
                    parks=(_parked_sequence(change.object, parked),),
                ),
                {name},
            )


def _is_relation(obj: object) -> bool:
    return isinstance(obj, Table | SequenceObject) or (isinstance(obj, Definition) and obj.kind == "view")


def _parked_sequence(sequence: SequenceObject, parked: str) -> Parked:
    return Parked(
        original=key_of(sequence), parked=parked, finalize=(ddl(f"DROP SEQUENCE IF EXISTS {quote_name(parked)}"),)
    )
