"""Make a plan: read both schemas, find renamings, let the engine propose ops, order them, and prove them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from dataclasses import replace as replace_plan
from datetime import date
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.diff.accept import select_accepted
from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.diff.rename import Renames, find_renames
from lockgate.diff.undo import undo_changes
from lockgate.engine.base import NO_STRATEGIES, Engine, ParkNames, Scope, Scratch, ScratchOptions, Session
from lockgate.errors import HazardNotAllowed, UnsupportedChange
from lockgate.execute.programs import check_programs
from lockgate.model import codec
from lockgate.model.accepted import Acceptance
from lockgate.model.change import Change, RenameColumn, RenameTable
from lockgate.model.op import HazardKind, Op, Strategy
from lockgate.model.plan import Plan, Proof
from lockgate.model.probed import correct_ops
from lockgate.model.schema import Key, Schema
from lockgate.model.server import Server
from lockgate.model.target import Target
from lockgate.plan.builder import build_plan, build_stages
from lockgate.plan.estimate import DEFAULT_MAX_BLOCK_MS
from lockgate.plan.order import order_ops
from lockgate.plan.policy import check_hazards, parse_allowed
from lockgate.source.desired import Desired, build_database, keep_bookkeeping, read_desired
from lockgate.source.spec import parse_spec
from lockgate.workflow.choose_strategies import (
    Sizes,
    choose_strategies,
    find_long_blocks,
    left_to_us,
)
from lockgate.workflow.lazy_scratch import LazyScratch
from lockgate.workflow.replay import ScratchCopy, compare_dumps, prove_ops
from lockgate.workflow.statement_facts import documented, warn_of_space

AskRenames = Callable[[tuple[tuple[str, str], ...]], Sequence[str]]


@dataclass(frozen=True)
class PlanOptions:
    """What may influence a plan.

    ``allow``: hazard names or ``all``; ``renames``: ``old:new`` hints; ``ask_renames`` turns open questions
    ``(old, new)`` into further hints (a terminal), or is None; ``cache``: folder for schemas read from SQL;
    ``strategies``: how changes are carried out, ``NAME`` for all tables or ``table=NAME`` for one; where nobody says,
    a table is changed online when plain DDL would keep others waiting for more than ``max_block_ms``;
    ``acceptances``: differences that were agreed to and hold ``today`` stay as they are (none without a day).
    """

    allow: tuple[str, ...] = ()
    renames: tuple[str, ...] = ()
    is_unmanaged_allowed: bool = False
    ask_renames: AskRenames | None = None
    scratch: ScratchOptions = field(default_factory=ScratchOptions)
    cache: Path | None = None
    acceptances: tuple[Acceptance, ...] = ()
    today: date | None = None
    strategies: tuple[str, ...] = ()
    max_block_ms: int = DEFAULT_MAX_BLOCK_MS


@dataclass(frozen=True)
class PlanResult:
    """A plan and what a person should know beside it: ``notes`` in sentences."""

    plan: Plan
    notes: tuple[str, ...] = ()


def make_plan(engine: Engine, target: Target, desired_spec: str, options: PlanOptions) -> PlanResult:
    """Make a proven plan that leads the live schema to the desired one. The target is only read.

    Raises:
        InputError: Anything wrong with the input (see its subclasses).
        HazardNotAllowed: The plan holds hazards that ``allow`` does not name.
        UnsupportedChange: The difference cannot be carried out, or could not be proven on a scratch copy.
    """
    spec = parse_spec(desired_spec)
    allowed = parse_allowed(options.allow)
    with ExitStack() as stack:
        session = engine.connect(target, is_read_only=True)
        stack.callback(session.close)
        server = engine.identify(session)
        live = engine.inspect(session, server, Scope())
        scratch = LazyScratch(stack, engine, server, target, options.scratch)
        desired = read_desired(
            spec, engine, server, scratch, needs_database=False, cache=options.cache, live=lambda: live
        )
        desired = keep_bookkeeping(desired, live, engine, server)
        changes = diff_schemas(live, desired.schema)
        accepted = select_accepted(changes, options.acceptances, target.name, options.today)
        notes = tuple(f"left as it is, for it was accepted: {describe_change(change).object}" for change in accepted)
        if len(accepted) == len(changes):
            kept = undo_changes(desired.schema, accepted)
            notes = (*notes, *_unmanaged_notes(live, kept))
            return PlanResult(_empty_plan(live, kept, server, target), notes)
        if accepted:
            kept = undo_changes(desired.schema, accepted)
            desired = Desired(kept, build_database(kept, engine, server, scratch(), "kept"))
        elif desired.session is None:
            desired = read_desired(
                spec, engine, server, scratch, needs_database=True, cache=options.cache, live=lambda: live
            )
            desired = keep_bookkeeping(desired, live, engine, server)
        bench = _Bench(engine, server, session, target, live, desired, scratch(), options)
        result = bench.make(allowed)
        return replace_plan(result, notes=(*notes, *result.notes))


def _empty_plan(live: Schema, desired: Schema, server: Server, target: Target) -> Plan:
    plan = build_plan(
        (),
        server=server,
        target=target.name,
        before=codec.fingerprint(live),
        after=codec.fingerprint(desired),
        unmanaged=tuple(f"{u.kind} {u.name}" for u in live.unmanaged),
    )
    return replace(plan, proof=Proof(is_replayed=True, note="the schemas are equal"))


def _unmanaged_notes(live: Schema, desired: Schema) -> tuple[str, ...]:
    seen = sorted({(u.kind, u.name, u.reason) for u in (*live.unmanaged, *desired.unmanaged)})
    return tuple(f"not compared: {kind} {name} ({reason})" for kind, name, reason in seen)


_AVOIDABLE = frozenset({HazardKind.REWRITES_TABLE, HazardKind.LONG_LOCK})


class Proven(NamedTuple):
    """Ops that were proven, what was found out meanwhile, and why tables are changed in the way they are."""

    ops: tuple[Op, ...]
    proof: Proof
    expected: dict[int, str]
    reasons: Mapping[Key, str]


@dataclass
class _Bench:
    """All that one planning works with."""

    engine: Engine
    server: Server
    session: Session
    target: Target
    live: Schema
    desired: Desired
    scratch: Scratch
    options: PlanOptions

    def make(self, allowed: frozenset[HazardKind]) -> PlanResult:
        place = self.scratch.create_database("live")
        copy = ScratchCopy(self.engine, self.scratch.server, place, is_private=self.scratch.is_private)
        self._check_copy(copy.build(self.live), copy)
        renames = self._find_renames()
        changes, before = self._changes(copy, renames)
        sizes = self._sizes(renames.changes)
        proven = self._choose(changes, before, copy, sizes, allowed, renames.questions)
        expected = proven.expected
        stages = build_stages(proven.ops, sizes, proven.reasons)
        plan = build_plan(
            tuple(replace(stage, expected=expected.get(stage.number, "")) for stage in stages),
            server=self.server,
            target=self.target.name,
            before=codec.fingerprint(self.live),
            after=codec.fingerprint(self.desired.schema),
            allowed=sorted(self.options.allow),
            unmanaged=tuple(f"{u.kind} {u.name}" for u in self.live.unmanaged),
        )
        warnings = warn_of_space(plan, self.engine.free_bytes(self.session))
        notes = (*renames.found, *_unmanaged_notes(self.live, self.desired.schema), *warnings)
        return PlanResult(replace(plan, proof=proven.proof, warnings=warnings), notes)

    def _choose(
        self,
        changes: tuple[Change, ...],
        before: Schema,
        copy: ScratchCopy,
        sizes: Sizes,
        allowed: frozenset[HazardKind],
        questions: Sequence[tuple[str, str]],
    ) -> Proven:
        """Prove the ops as wished; where plain DDL turns out to block too long, prove them once more, online.

        Dangers of plain DDL that an online form does not have are judged when it is known which one is taken.
        """
        wished = choose_strategies(changes, self.options.strategies)
        check_programs(self.engine, wished.values())
        reasons = dict.fromkeys(wished, "somebody asked for it")
        plain = self._ops(changes, before, wished)
        check_hazards(plain, allowed | _AVOIDABLE, questions)
        proven = self._prove(copy, plain, reasons)
        left = left_to_us(changes, self.options.strategies)
        long = find_long_blocks(proven.ops, left, sizes, self.options.max_block_ms)
        if long:
            proven = self._try_online(changes, before, copy, allowed, proven, wished, long)
        check_hazards(proven.ops, allowed, questions)
        return proven

    def _try_online(
        self,
        changes: tuple[Change, ...],
        before: Schema,
        copy: ScratchCopy,
        allowed: frozenset[HazardKind],
        plain: Proven,
        wished: Mapping[Key, Strategy],
        long: Mapping[Key, str],
    ) -> Proven:
        """Return the ops with some tables changed online; the plain ones, and why, where that cannot be had."""
        reasons = {**plain.reasons, **long}
        try:
            ops = self._ops(changes, before, {**wished, **dict.fromkeys(long, Strategy.ONLINE)})
            check_hazards(ops, allowed | {hazard.kind for op in plain.ops for s in op.forward for hazard in s.hazards})
            return self._prove(copy, ops, reasons)
        except (UnsupportedChange, HazardNotAllowed) as error:
            why = {key: f"{reason}; but there is no online form here: {error}" for key, reason in long.items()}
            return plain._replace(reasons={**plain.reasons, **why})

    def _prove(self, copy: ScratchCopy, ops: tuple[Op, ...], reasons: Mapping[Key, str]) -> Proven:
        proof, expected = prove_ops(copy, ops, self.desired.schema, self._desired_dump())
        found = copy.probed if copy.is_private else documented(ops, self.engine.ddl(), self.server)
        return Proven(correct_ops(ops, found), replace(proof, is_probed=copy.is_private), expected, reasons)

    def _sizes(self, renames: Sequence[Change]) -> dict[Key, tuple[int, int]]:
        """Return rows and bytes by table, a renamed one by both its names."""
        found = self.engine.table_sizes(self.session, self.server)
        sizes = {key: (size.rows, size.bytes) for key, size in found.items()}
        for change in renames:
            if isinstance(change, RenameTable) and change.before in sizes:
                sizes[change.after] = sizes[change.before]
        return sizes

    def _check_copy(self, differences: tuple[str, ...], copy: ScratchCopy) -> None:
        """Refuse to plan on a model that does not hold all of the live schema."""
        dumps = compare_dumps(self.engine.dump_schema(self.session, self.server), copy.start_dump)
        found = [*differences, *(" ".join(text.split()) for text in dumps)]
        if found and not self.options.is_unmanaged_allowed:
            raise UnsupportedChange(
                "the live schema holds something that Lockgate cannot hold exactly, so nothing about it can be proven",
                cause="\n".join(found[:6]),
                state="nothing was touched, no plan was written",
                hint="if the plan may ignore it, add --allow-unmanaged",
            )

    def _find_renames(self) -> Renames:
        renames = find_renames(self.live, self.desired.schema, self.options.renames)
        if renames.questions and self.options.ask_renames is not None:
            answers = tuple(self.options.ask_renames(renames.questions))
            if answers:
                return find_renames(self.live, self.desired.schema, (*self.options.renames, *answers))
        return renames

    def _changes(self, copy: ScratchCopy, renames: Renames) -> tuple[tuple[Change, ...], Schema]:
        """Let the server say how a renamed schema reads: rename in the copy, look, and rename back."""
        if not renames.changes:
            return diff_schemas(self.live, self.desired.schema), self.live
        ops = order_ops(self._propose(renames.changes, self.live))
        copy.run(ops)
        before = copy.inspect()
        copy.undo(ops)
        return (*renames.changes, *diff_schemas(before, self.desired.schema)), before

    def _ops(self, changes: tuple[Change, ...], before: Schema, strategies: Mapping[Key, Strategy]) -> tuple[Op, ...]:
        return order_ops(follow_renames(self._propose(changes, before, strategies)))

    def _propose(
        self, changes: tuple[Change, ...], before: Schema, strategies: Mapping[Key, Strategy] = NO_STRATEGIES
    ) -> tuple[Op, ...]:
        names = ParkNames([self.engine.next_park_number(self.session)])
        return self.engine.plan_ops(changes, before, self.desired.schema, self.server, names, strategies)

    def _desired_dump(self) -> tuple[str, ...] | None:
        if self.desired.session is None:
            return None
        return self.engine.dump_schema(self.desired.session, self.scratch.server)


def follow_renames(ops: Sequence[Op]) -> tuple[Op, ...]:
    """Let every op on a renamed table, or on a table with a renamed column, run after the renaming."""
    renaming = [op for op in ops if any(isinstance(change, RenameTable | RenameColumn) for change in op.changes)]
    result = []
    for op in ops:
        needed = frozenset(
            key for other in renaming if other is not op and other.table == op.table for key in other.creates
        )
        is_first = op in renaming and any(isinstance(change, RenameTable) for change in op.changes)
        result.append(op if is_first or not needed else replace(op, needs=op.needs | needed))
    return tuple(result)
