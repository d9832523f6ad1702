"""Ops for foreign keys: dropped before what disturbs them, added when both sides are ready; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from lockgate.engine.mysql import checks, walking
from lockgate.engine.mysql.draft import Draft, ddl, setting
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.locks import lock_of
from lockgate.engine.mysql.render import render_foreign_key, render_index
from lockgate.engine.mysql.server import confuses_key_and_index
from lockgate.engine.mysql.states import Way
from lockgate.model.keys import table_key
from lockgate.model.op import CONTRACT, FIX, Blocks, Hazard, HazardKind, Op, Precheck, Soft, Statement
from lockgate.model.schema import ForeignKey, Index, Schema, Table
from lockgate.model.server import Server


@dataclass(frozen=True)
class KeyJob:
    """One foreign key's way: when it is dropped and when it is added (stage, or None)."""

    table: str
    key: ForeignKey
    drop_in: int | None = None
    add_in: int | None = None


@dataclass
class KeyPlan:
    """All foreign keys that must be dropped or added, in order of table and name."""

    before: dict[str, Table]
    after: dict[str, Table]
    server: Server
    jobs: list[KeyJob] = field(default_factory=list)

    def drop(self, draft: Draft, stage: int, tables: frozenset[str] | None = None) -> None:
        """Add the ops that drop keys in a stage (of some tables only)."""
        for job in self.jobs:
            if job.drop_in == stage and (tables is None or job.table in tables):
                draft.add(self._drop_op(job, stage), {job.table, job.key.ref_table, f"foreign key {job.key.name}"})
        if tables is not None:
            self.jobs = [j for j in self.jobs if not (j.drop_in == stage and j.table in tables)]

    def add(self, draft: Draft, stage: int) -> None:
        """Add the ops that add keys in a stage."""
        for job in self.jobs:
            if job.add_in == stage:
                draft.add(self._add_op(job, stage), {job.table, job.key.ref_table, f"foreign key {job.key.name}"})

    def _drop_op(self, job: KeyJob, stage: int) -> Op:
        table = self.before[job.table]
        return Op(
            title=f"drop foreign key {job.table}.{job.key.name}",
            stage=stage,
            table=table_key(table),
            changes=(),
            forward=self._drop_statements(job, self._made_indexes(job)),
            backward=self._unchecked(self._add_statement(job)),
            backward_prechecks=self._orphans(table, job.key) if job.add_in is None else (),
        )

    def _orphans(self, table: Table, key: ForeignKey) -> tuple[Precheck, ...]:
        """Ask for rows without a parent before a key comes back; it comes all the same, and binds new rows."""
        parent = self.before.get(key.ref_table)
        add = self._add_statement(KeyJob(table.name, key))
        return tuple(
            replace(
                check,
                soft=Soft(
                    first=1,
                    last=1,
                    instead=(add,),
                    rows=checks.list_orphans(table, key),
                    settle=(),
                    message=check.message,
                ),
            )
            for check in checks.check_orphans(table, table, parent, parent, key)
        )

    def _add_op(self, job: KeyJob, stage: int) -> Op:
        table = self.after[job.table]
        key = job.key
        prechecks = checks.check_orphans(
            table, self.before.get(job.table), self.after.get(key.ref_table), self.before.get(key.ref_table), key
        )
        hazards = [
            Hazard(
                kind=HazardKind.MAY_FAIL_ON_DATA, message=f"rows of {job.table} may have no parent in {key.ref_table}"
            )
        ]
        return Op(
            title=f"add foreign key {job.table}.{key.name}",
            stage=stage,
            table=table_key(table),
            forward=self._adding(job, hazards if job.table in self.before else []),
            backward=self._drop_statements(job),
            prechecks=tuple(prechecks),
        )

    def _adding(self, job: KeyJob, hazards: list[Hazard]) -> tuple[Statement, ...]:
        """Add a key without a copy of the table, and count orphans ourselves behind it, for the server does not.

        From then on the server lets none come. A table that cannot be walked is copied under the server's own check.
        """
        table = self.after[job.table]
        count = walking.count_rows(table, checks.count_orphans(table, job.key), self.server)
        if job.table not in self.before or count is None or dict(table.options).get("engine", "").lower() != "innodb":
            return (self._add_statement(job, hazards),)
        off, add, on = self._unchecked(self._add_statement(job, hazards))
        add = replace(add, blocks=Blocks.DDL, lock="in place, writes go on", rewrites=False)
        return (off, add, on, count)

    def _drop_statements(self, job: KeyJob, indexes: Sequence[Index] = ()) -> tuple[Statement, ...]:
        """Drop a key; ``indexes`` are made anew with it, so that the server does not take them for its own.

        An index that the server made for a key goes by itself when another key or index needs the same columns.
        """
        clauses = [f"DROP FOREIGN KEY {quote_name(job.key.name)}"]
        again = [f"DROP INDEX {quote_name(index.name)}, ADD {render_index(index, self.server)}" for index in indexes]
        is_apart = confuses_key_and_index(self.server) and any(index.name == job.key.name for index in indexes)
        parts = [clauses, again] if is_apart else [clauses + again]
        start = f"ALTER TABLE {quote_name(job.table)} "
        return tuple(self._dropping(start, part, is_index=part is not clauses and bool(again)) for part in parts)

    def _dropping(self, start: str, part: list[str], *, is_index: bool) -> Statement:
        lock = lock_of(["drop_foreign_key", *(["add_index"] if is_index else [])], self.server)
        return ddl(start + ", ".join(part), blocks=lock.blocks, lock=lock.name)

    def _made_indexes(self, job: KeyJob) -> list[Index]:
        """Return indexes that the server may have made for this key, and that stay."""
        if job.table not in self.after:
            return []
        kept = {i.name for i in self.after[job.table].indexes}
        found = [i for i in self.before[job.table].indexes if i.name in kept and not (i.is_unique or i.kind)]
        return [i for i in found if tuple(p.column for p in i.parts) == job.key.columns]

    def _add_statement(self, job: KeyJob, hazards: list[Hazard] | None = None) -> Statement:
        sql = f"ALTER TABLE {quote_name(job.table)} ADD {render_foreign_key(job.key, self.server)}"
        return ddl(sql, blocks=Blocks.WRITES, lock="copy, LOCK=SHARED", rewrites=True, hazards=hazards or [])

    @staticmethod
    def _unchecked(statement: Statement) -> tuple[Statement, ...]:
        """On the way back orphans that came meanwhile are tolerated, never deleted."""
        return (
            setting("SET SESSION foreign_key_checks = 0"),
            statement,
            setting("SET SESSION foreign_key_checks = 1"),
        )


def plan_keys(before: Schema, after: Schema, ways: dict[str, Way], server: Server, changed: frozenset[str]) -> KeyPlan:
    """Find which foreign keys must be dropped and added, and when; only those of ``changed`` tables may differ."""
    old = {t.name: t for t in before.tables}
    new = {t.name: t for t in after.tables}
    plan = KeyPlan(old, new, server)
    dropped_late: set[str] = set()
    for name in sorted((old.keys() & new.keys()) | (changed & (old.keys() | new.keys()))):
        ours = {k.name: k for k in old[name].foreign_keys} if name in old else {}
        theirs = {k.name: k for k in new[name].foreign_keys} if name in new else {}
        for key_name in sorted(ours.keys() | theirs.keys()):
            if name not in changed and ours.get(key_name) != theirs.get(key_name):
                continue
            job = _job(name, ours.get(key_name), theirs.get(key_name), ways)
            plan.jobs.extend(job)
            dropped_late |= {j.key.name for j in job if j.drop_in == CONTRACT}
    plan.jobs = [
        KeyJob(j.table, j.key, j.drop_in, CONTRACT) if j.add_in == FIX and j.key.name in dropped_late else j
        for j in plan.jobs
    ]
    return plan


def _job(table: str, old: ForeignKey | None, new: ForeignKey | None, ways: dict[str, Way]) -> list[KeyJob]:
    jobs: list[KeyJob] = []
    if old is not None and old == new:
        stages = [s for s in (FIX, CONTRACT) if _is_disturbed(table, old, ways, s)]
        return [KeyJob(table, old, stages[0], stages[-1])] if stages else []
    if old is not None:
        is_early = new is not None or _is_disturbed(table, old, ways, FIX)
        jobs.append(KeyJob(table, old, FIX if is_early else CONTRACT, None))
    if new is not None:
        is_late = _is_disturbed(table, new, ways, CONTRACT)
        jobs.append(KeyJob(table, new, None, CONTRACT if is_late else FIX))
    return jobs


def _is_disturbed(table: str, key: ForeignKey, ways: dict[str, Way], stage: int) -> bool:
    """Tell whether a stage's ALTER touches a column or an index that the key rests on."""
    sides = [(table, key.columns)]
    if not key.ref_namespace:
        sides.append((key.ref_table, key.ref_columns))
    for name, columns in sides:
        way = ways.get(name)
        if way is None:
            continue
        a, b = (way.expanded, way.fixed) if stage == FIX else (way.fixed, way.after)
        if stage == FIX and way.renames and _touches(way.before, way.expanded, columns):
            return True
        if _touches(a, b, columns):
            return True
    return False


def _touches(a: Table, b: Table, columns: tuple[str, ...]) -> bool:
    facts = ("type", "charset", "collation", "is_nullable", "generated", "is_auto_increment")
    old, new = {c.name: c for c in a.columns}, {c.name: c for c in b.columns}
    for name in columns:
        if name not in old or name not in new:
            return True
        if any(getattr(old[name], fact) != getattr(new[name], fact) for fact in facts):
            return True
    if a.partitioning != b.partitioning or dict(a.options).get("engine") != dict(b.options).get("engine"):
        return True
    gone = _keys(a) ^ _keys(b)
    return any(parts and parts[0] in columns for parts in gone)


def _keys(table: Table) -> set[tuple[str | None, ...]]:
    found = {tuple(p.column for p in i.parts) for i in table.indexes}
    if table.primary_key is not None:
        found.add(tuple(p.column for p in table.primary_key.parts))
    return found
