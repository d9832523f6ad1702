"""Bring a run whose journal leaves a step open back to a whole number of steps, by looking at the database.

The database is compared with a scratch copy: the checkpoint's schema, and on it every statement whose effect is
journaled since. What the copy shows before and after the statement in doubt tells whether it took effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum

from msgspec.structs import replace

from lockgate.engine.base import Scope, Scratch, ScratchOptions, Session, StateDialect
from lockgate.errors import InDoubtError, LockgateError, ScratchUnavailable, StatementFailed
from lockgate.execute.execution import Execution
from lockgate.execute.programs import clear_after
from lockgate.execute.script import is_atomic, is_forward, statements_of
from lockgate.execute.steps import record_debts, record_parks, run_step, step_is_atomic
from lockgate.model import codec
from lockgate.model.op import Statement
from lockgate.model.plan import Plan, Step
from lockgate.model.run import Direction, Event, EventType
from lockgate.model.schema import Schema
from lockgate.store import checkpoints
from lockgate.store.runs import Attempt, find_attempt, list_events
from lockgate.store.tables import without_journal
from lockgate.verify.schema import compare_schema


class Effect(Enum):
    """Whether the statement in doubt took effect; PARTIAL: it left something unfinished (an invalid index)."""

    NONE = "none"
    WHOLE = "whole"
    PARTIAL = "partial"


def stage_of_step(plan: Plan, number: int) -> int:
    """Return the stage number of the plan's step with this number (from 0)."""
    for stage in plan.stages:
        if number < len(stage.steps):
            return stage.number
        number -= len(stage.steps)
    raise ValueError("the plan has no such step")


def settle_attempt(execution: Execution, plan: Plan, scratch: ScratchOptions, *, is_finish: bool = False) -> None:
    """Close the step that the journal leaves open: as not begun, done or undone; nothing when none is open.

    A step begun backward is always undone to its end. One begun forward, for the first time or once more, is undone, or
    with ``is_finish`` completed.

    Raises:
        InDoubtError: The database is neither as before nor as after the statement in doubt.
        LockgateError: A statement failed.
    """
    assert execution.run is not None
    events = list_events(execution.store, execution.run.id)
    attempt = find_attempt(events)
    if attempt is None:
        return
    step = plan.steps[attempt.step]
    if step_is_atomic(execution, step, attempt.direction, attempt.soft):
        _close(execution, step, attempt, EventType.STEP_FAILED, plan)
        return
    with ExitStack() as stack:
        replay = Replay(execution, plan, events, attempt, scratch, stack, is_finish)
        done = attempt.done
        if attempt.doubtful >= 0:
            effect = replay.decide()
            done = _note_effect(execution, step, attempt, effect, plan)
            if effect is Effect.PARTIAL and is_finish:
                _undo_part(execution, step, attempt, done, replay, plan)
                return
        _settle_known(execution, step, attempt, done, replay, plan, is_finish=is_finish)


def _settle_known(
    execution: Execution, step: Step, attempt: Attempt, done: int, replay: Replay, plan: Plan, *, is_finish: bool
) -> None:
    stage = stage_of_step(plan, attempt.step)
    total = len(statements_of(step, attempt.direction, attempt.soft))
    if not is_forward(attempt.direction) or (attempt.direction is Direction.REDO and is_finish):
        run_step(execution, step, attempt.step, stage, attempt.direction, first=done, soft=attempt.soft)
    elif done == total:
        record_parks(execution, step, attempt.direction)
        record_debts(execution, step, {"step": attempt.step, "direction": attempt.direction, "soft": attempt.soft})
        _close(execution, step, attempt, EventType.STEP_DONE, plan)
    elif done == 0:
        _close(execution, step, attempt, EventType.STEP_FAILED, plan)
    elif is_finish:
        run_step(execution, step, attempt.step, stage, Direction.FORWARD, first=done)
    else:
        _undo_part(execution, step, attempt, done, replay, plan)


def _undo_part(execution: Execution, step: Step, attempt: Attempt, done: int, replay: Replay, plan: Plan) -> None:
    first = replay.find_backward_start(done)
    direction = inverse_of(attempt.direction)
    soft = attempt.soft if direction is Direction.REVERT else ()
    run_step(execution, step, attempt.step, stage_of_step(plan, attempt.step), direction, first=first, soft=soft)


def _note_effect(execution: Execution, step: Step, attempt: Attempt, effect: Effect, plan: Plan) -> int:
    """Journal what was found out about the statement in doubt; return how many statements are done."""
    kind = EventType.STATEMENT_FAILED if effect is Effect.NONE else EventType.STATEMENT_DONE
    execution.journal(
        kind,
        stage=stage_of_step(plan, attempt.step),
        step=attempt.step,
        step_id=step.id,
        statement=attempt.doubtful,
        direction=attempt.direction,
        message=f"found by looking at the database: {effect.value}",
    )
    return attempt.doubtful if effect is Effect.NONE else attempt.doubtful + 1


def _close(execution: Execution, step: Step, attempt: Attempt, kind: EventType, plan: Plan) -> None:
    execution.journal(
        kind,
        stage=stage_of_step(plan, attempt.step),
        step=attempt.step,
        step_id=step.id,
        direction=attempt.direction,
        message=f"{step.title}: {'it took effect' if kind is EventType.STEP_DONE else 'it left nothing behind'}",
    )


def inverse_of(direction: Direction) -> Direction:
    """Return the direction that undoes a step left half-way in this one."""
    return Direction.REVERT if direction is Direction.REDO else Direction.BACKWARD


def find_effects(events: Sequence[Event], plan: Plan, until_seq: int, dialect: StateDialect) -> tuple[str, ...]:
    """Return the statements that took effect after the newest checkpoint and before a journal row, in order; pure."""
    sent: list[str] = []
    soft: tuple[int, ...] = ()
    for event in events:
        if event.seq >= until_seq:
            break
        if event.type is EventType.CHECKPOINT_TAKEN:
            sent.clear()
        elif event.type is EventType.STEP_STARTED:
            soft = event.soft
        elif event.type is EventType.STATEMENT_DONE:
            sent.append(statements_of(plan.steps[event.step], event.direction, soft)[event.statement].sql)
        elif event.type in (EventType.STEP_DONE, EventType.STEP_UNDONE):
            statements = statements_of(plan.steps[event.step], event.direction, soft)
            if is_atomic(statements, dialect):
                sent.extend(statement.sql for statement in statements)
    return tuple(sent)


@dataclass
class Replay:
    """A replay of a run's effects on a scratch copy, up to the step that is open."""

    execution: Execution
    plan: Plan
    events: tuple[Event, ...]
    attempt: Attempt
    options: ScratchOptions
    stack: ExitStack
    is_finish: bool = False
    _scratch: Scratch | None = field(default=None)
    _copies: int = 0

    def decide(self) -> Effect:
        """Tell whether the statement in doubt took effect.

        Raises:
            InDoubtError: The database is neither as before nor as after it; both differences are told.
        """
        statement = self._statements()[self.attempt.doubtful]
        if statement.is_transactional and self.execution.engine.state.is_ddl_transactional:
            return Effect.NONE  # it would have come with its journal row
        if statement.chunked is not None:
            return self._decide_by_kind(statement)  # it shows in rows alone
        if statement.program is not None:
            clear_after(self.execution, statement.program)
        live = self.execution.inspect(include_own=True)
        try:
            before, after = self._before_and_after(statement)
        except ScratchUnavailable as error:
            return self._decide_alone(statement, live, error)
        is_before = codec.fingerprint(live) == codec.fingerprint(before)
        is_after = codec.fingerprint(live) == codec.fingerprint(after)
        if is_before and is_after:
            return self._decide_by_kind(statement)
        if is_before or is_after:
            return Effect.NONE if is_before else Effect.WHOLE
        if codec.fingerprint(_as_valid(live)) == codec.fingerprint(after):
            return Effect.PARTIAL
        raise _doubt(statement, live, before, after)

    def _statements(self) -> tuple[Statement, ...]:
        return statements_of(self.plan.steps[self.attempt.step], self.attempt.direction, self.attempt.soft)

    def _inverse(self) -> tuple[Statement, ...]:
        """Return the statements that undo the open step, which was begun forward or once more."""
        return statements_of(
            self.plan.steps[self.attempt.step], inverse_of(self.attempt.direction), self._inverse_soft()
        )

    def _inverse_soft(self) -> tuple[int, ...]:
        return self.attempt.soft if self.attempt.direction is Direction.REDO else ()

    def _decide_by_kind(self, statement: Statement) -> Effect:
        """Decide for a statement that does not show in the schema.

        In a transaction with its journal row it left nothing; one that may be repeated counts as done when its step is
        going to be undone, and as not done when its step goes on, so that it is undone or repeated, never left out.
        """
        if statement.is_transactional:
            return Effect.NONE
        if statement.is_idempotent:
            is_undone = is_forward(self.attempt.direction) and not self.is_finish
            return Effect.WHOLE if is_undone else Effect.NONE
        raise InDoubtError(
            "it cannot be told whether a statement took effect",
            where=statement.sql[:300],
            cause="it does not show in the schema, may not be repeated, and runs outside of a transaction",
            state="everything before it is journaled; nothing was changed now",
            hint="look at its rows, then roll back or repeat it by hand",
        )

    def _decide_alone(self, statement: Statement, live: Schema, error: ScratchUnavailable) -> Effect:
        """Decide without a scratch: only where the database is still as at the checkpoint."""
        start = self._load_start()
        effects = self._effects(self.attempt.first_seq)
        if not effects and self.attempt.done == 0 and codec.fingerprint(live) == codec.fingerprint(start):
            return self._decide_by_kind(statement) if statement.is_transactional else Effect.NONE
        raise InDoubtError(
            "it cannot be told whether a statement took effect",
            where=statement.sql[:300],
            cause=f"a scratch database is needed to find out: {error}",
            state="nothing was changed now",
            hint="set scratch_url to a server of the same version, then `lockgate recover`",
        )

    def _before_and_after(self, statement: Statement) -> tuple[Schema, Schema]:
        with self._copy(self.attempt.first_seq) as session:
            for earlier in self._statements()[self.attempt.first : self.attempt.doubtful]:
                session.execute(earlier.sql)
            before = self._look(session)
            session.execute(statement.sql)
            return before, self._look(session)

    def find_backward_start(self, done: int) -> int:
        """Return from which backward statement on a step must be undone of which ``done`` forward ones took effect."""
        try:
            forward, backward = self._trace()
        except ScratchUnavailable:
            if len(self._statements()) == len(self._inverse()):
                return len(self._statements()) - done
            raise
        except StatementFailed:
            return self._search_start(done)
        try:
            return choose_start(forward, backward, done)
        except InDoubtError:
            return choose_safe_start(forward, backward, done, [s.is_idempotent for s in self._inverse()])

    def _search_start(self, done: int) -> int:
        """Return the shortest end of the way back that leads to the step's start on a copy, by trying.

        For a step whose forward statements do not all run on a copy either, so that it cannot be traced.

        Raises:
            InDoubtError: None does, or a statement that is done changed rows only, which a copy cannot show.
        """
        prints: list[str] = []
        inverse = self._inverse()
        for first in range(len(inverse), -1, -1):
            with self._copy(self.attempt.origin_seq) as session:
                prints = [self._print(session)]
                for statement in self._statements()[:done]:
                    session.execute(statement.sql)
                    prints.append(self._print(session))
                is_back = self._leads_back(session, inverse[first:], prints[0])
            if is_back and len(set(prints)) == len(prints):
                return first
            if is_back:
                break
        raise _no_start()

    def _leads_back(self, session: Session, statements: Sequence[Statement], start: str) -> bool:
        try:
            for statement in statements:
                session.execute(statement.sql)
        except StatementFailed:
            return False
        return self._print(session) == start

    def _print(self, session: Session) -> str:
        """Return a copy's fingerprint without what the way back of the open step parks.

        Where the step has a `revert`, what is parked is what that leaves; ``backward`` leaves nothing.
        """
        step, schema = self.plan.steps[self.attempt.step], self._look(session)
        parked = step.backward_parks if step.revert is None else ()
        parks = {park.parked.rsplit(".", 1)[-1] for park in parked}
        return codec.fingerprint(replace(schema, tables=tuple(t for t in schema.tables if t.name not in parks)))

    def _trace(self) -> tuple[list[str], list[str]]:
        """Return the fingerprints around each forward and then around each backward statement."""
        with self._copy(self.attempt.origin_seq) as session:
            forward = [self._print(session)]
            for statement in self._statements():
                session.execute(statement.sql)
                forward.append(self._print(session))
            backward = [forward[-1]]
            for statement in self._inverse():
                session.execute(statement.sql)
                backward.append(self._print(session))
        return forward, backward

    def _look(self, session: Session) -> Schema:
        engine = self.execution.engine
        schema = engine.inspect(session, self.execution.server, Scope(include_own=True))
        return without_journal(schema, engine.state)

    def _effects(self, until_seq: int) -> tuple[str, ...]:
        return find_effects(self.events, self.plan, until_seq, self.execution.engine.state)

    def _load_start(self) -> Schema:
        assert self.execution.run is not None
        taken = [
            e.checkpoint for e in self.events if e.type is EventType.CHECKPOINT_TAKEN and e.seq < self.attempt.first_seq
        ]
        point = checkpoints.load_checkpoint(self.execution.store, taken[-1]) if taken else None
        if point is None:
            raise InDoubtError(
                "the checkpoint before the open step is missing", state="nothing was changed now", hint="look by hand"
            )
        schema = codec.decode(point.full_schema or point.schema, Schema, "the checkpoint's schema")
        return without_journal(schema, self.execution.engine.state)

    @contextmanager
    def _copy(self, until_seq: int) -> Iterator[Session]:
        """Yield a session in a scratch database that is as the live one was before a row of the journal.

        Raises:
            ScratchUnavailable: There is no scratch, or the copy cannot be built in it.
        """
        start = self._load_start()
        engine, execution = self.execution.engine, self.execution
        if self._scratch is None:
            opened = engine.open_scratch(execution.server, execution.target, self.options)
            self._scratch = self.stack.enter_context(opened)
        self._copies += 1
        session = self._scratch.create_database(f"recovery{self._copies}")
        try:
            for sql in (*engine.state.setup, *engine.render_schema(start, self._scratch.server)):
                session.execute(sql)
            for sql in self._effects(until_seq):
                session.execute(sql)
            yield session
        finally:
            session.close()


def choose_start(forward: Sequence[str], backward: Sequence[str], done: int) -> int:
    """Return the first backward statement to run, from what the schema was around each statement; pure.

    Args:
        forward: Fingerprints before the first and after each forward statement.
        backward: The same for the backward statements, which start where the forward ones end.
        done: How many forward statements took effect.

    Several statements may leave the schema as it is because they only change rows. Those of the backward side are run
    as far as their counterparts on the forward side were: all, none, or the last so many.

    Raises:
        InDoubtError: The way back never passes through the present state.
    """
    here = forward[done]
    low = done
    while low > 0 and forward[low - 1] == here:
        low -= 1
    high = done
    while high + 1 < len(forward) and forward[high + 1] == here:
        high += 1
    same = [i for i, print_ in enumerate(backward) if print_ == here]
    if not same or backward[-1] != forward[0]:
        raise _no_start()
    last = same[-1]
    first = last
    while first > 0 and backward[first - 1] == here:
        first -= 1
    rows_done, rows_all = done - low, high - low
    room = last - first
    back = room if rows_done == rows_all else min(rows_done, room)
    return last - back


def choose_safe_start(forward: Sequence[str], backward: Sequence[str], done: int, is_idempotent: Sequence[bool]) -> int:
    """Return a backward statement from which all may be run though less was done than they undo; pure.

    That is where the way back passes through what would have come next, when everything from there on does no harm
    where there is nothing to undo.

    Args:
        is_idempotent: Whether each backward statement may be repeated; see `choose_start` for the others.

    Raises:
        InDoubtError: There is no such place.
    """
    for later in range(done + 1, len(forward)):
        if forward[later] in backward:
            first = choose_start(forward, backward, later)
            if all(is_idempotent[first:]):
                return first
    raise _no_start()


def _no_start() -> InDoubtError:
    return InDoubtError(
        "a half-done step cannot be undone statement by statement",
        cause="its way back does not pass through the present state",
        state="the statements done so far are in the journal",
        hint="undo them by hand, or set the run forward with `lockgate recover --finish`",
    )


def _as_valid(schema: Schema) -> Schema:
    """Return the schema as if every index had been finished."""
    tables = tuple(
        replace(table, indexes=tuple(replace(index, is_valid=True) for index in table.indexes))
        for table in schema.tables
    )
    return replace(schema, tables=tables)


def _doubt(statement: Statement, live: Schema, before: Schema, after: Schema) -> LockgateError:
    from_before = compare_schema(live, codec.fingerprint(before), before).describe()
    from_after = compare_schema(live, codec.fingerprint(after), after).describe()
    return InDoubtError(
        "the database is neither as before nor as after the statement in doubt",
        where=statement.sql[:300],
        cause=f"compared with before: {from_before}. Compared with after: {from_after}",
        state="nothing was changed now",
        hint="bring the database to one of the two by hand, then `lockgate recover`",
    )
