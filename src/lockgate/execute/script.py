"""The exact sequence of calls that runs a step: the executor performs it, the dry run prints it; pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import NamedTuple

from lockgate.engine.base import LockLimits, StateDialect
from lockgate.execute.retry import Patience
from lockgate.model.op import Chunked, Program, Soft, Statement
from lockgate.model.plan import Step
from lockgate.model.run import Direction


class CallKind(Enum):
    """What is called on the session."""

    LIMITS = "limits"
    BEGIN = "begin"
    EXECUTE = "execute"
    JOURNAL = "journal"
    COMMIT = "commit"


class Call(NamedTuple):
    """One call; ``number`` is the statement's within its step and direction."""

    kind: CallKind
    sql: str = ""
    number: int = -1
    lock_timeout_ms: int = 0
    statement_timeout_ms: int = 0
    chunked: Chunked | None = None
    program: Program | None = None

    def render(self) -> str:
        """Return the call as a line of a dry run; empty for journal rows, which are not part of the plan."""
        match self.kind:
            case CallKind.LIMITS:
                return f"-- limits: lock {_limit(self.lock_timeout_ms)}, statement {_limit(self.statement_timeout_ms)}"
            case CallKind.BEGIN:
                return "BEGIN;"
            case CallKind.COMMIT:
                return "COMMIT;"
            case CallKind.EXECUTE if self.program is not None:
                return f"-- carried out by {self.program.name}:\n{self.sql};"
            case CallKind.EXECUTE:
                return f"{self.sql};" if self.chunked is None else _render_chunked(self.sql, self.chunked)
            case CallKind.JOURNAL:
                return ""


class Unit(NamedTuple):
    """What succeeds or fails as a whole, and may be tried again as a whole.

    ``is_queued``: others wait while it waits for a lock. ``can_peek``: it asks for the lock first of all, so that being
    refused costs nothing.
    """

    calls: tuple[Call, ...]
    numbers: tuple[int, ...]
    is_transaction: bool
    is_whole_step: bool
    is_queued: bool = True
    can_peek: bool = False

    def lock_ms(self, call: Call, locks: LockLimits, attempt: int) -> int:
        """Return how long the ``attempt``-th try (from 0) may wait for a lock: mostly a peek, now and then in full."""
        if not self.can_peek or attempt % (locks.peeks + 1) == locks.peeks:
            return call.lock_timeout_ms
        return min(call.lock_timeout_ms, locks.peek_ms)


def statements_of(step: Step, direction: Direction, soft: Collection[int] = ()) -> tuple[Statement, ...]:
    """Return a step's statements in one direction.

    Args:
        soft: Numbers of the backward pre-checks for which a stand-in is put (on a way back) or lifted (on a way forth).
    """
    match direction:
        case Direction.FORWARD:
            return _lift(step, step.statements, soft)
        case Direction.REVERT if step.revert is not None:
            return _soften(step, step.revert, soft)
        case Direction.REDO:
            return _lift(step, step.statements if step.redo is None else step.redo, soft)
    return _soften(step, step.backward, soft)


def softs_of(step: Step, numbers: Collection[int]) -> tuple[Soft, ...]:
    """Return what stands in for these backward pre-checks of a step, as far as they have such."""
    found = [check.soft for number, check in enumerate(step.backward_prechecks) if number in numbers]
    return tuple(soft for soft in found if soft is not None)


def _soften(step: Step, statements: tuple[Statement, ...], numbers: Collection[int]) -> tuple[Statement, ...]:
    for soft in sorted(softs_of(step, numbers), key=lambda s: s.first, reverse=True):
        statements = (*statements[: soft.first], *soft.instead, *statements[soft.last + 1 :])
    return statements


def _lift(step: Step, statements: tuple[Statement, ...], numbers: Collection[int]) -> tuple[Statement, ...]:
    for soft in sorted(softs_of(step, numbers), key=lambda s: s.lift_first, reverse=True):
        end = max(soft.lift_last + 1, soft.lift_first)
        statements = (*statements[: soft.lift_first], *soft.lift, *statements[end:])
    return statements


def is_forward(direction: Direction) -> bool:
    """Tell whether a direction leads towards what the plan is for."""
    return direction in (Direction.FORWARD, Direction.REDO)


def settings_before(statements: tuple[Statement, ...], first: int) -> tuple[str, ...]:
    """Return what must be set again in a new session before statement ``first`` of a step that was left half-way."""
    settings = (s.sql for s in statements[:first] if s.is_idempotent and not s.lock)
    return tuple(sql for sql in settings if sql.startswith(("SET SESSION ", "SET @", "PREPARE ")))


def is_atomic(statements: tuple[Statement, ...], dialect: StateDialect) -> bool:
    """Tell whether these statements and their journal row share one transaction."""
    return dialect.is_ddl_transactional and all(statement.is_transactional for statement in statements)


def build_units(
    statements: tuple[Statement, ...], dialect: StateDialect, patience: Patience, first: int = 0
) -> tuple[Unit, ...]:
    """Cut a step's statements into units, from statement ``first`` on.

    One unit where statements and journal share a transaction; else one a statement (with those joined to it), with its
    journal row in the same transaction where the statement allows one (rows changed by it and the row then come or go
    together).
    """
    numbered = tuple(enumerate(statements))[first:]
    if not numbered:
        return ()
    if is_atomic(statements, dialect):
        return (_unit(numbered, dialect, patience, is_transaction=True, is_whole=first == 0),)
    groups: list[list[tuple[int, Statement]]] = []
    for pair in numbered:
        if groups and pair[1].is_joined:
            groups[-1].append(pair)
        else:
            groups.append([pair])
    return tuple(
        _unit(tuple(group), dialect, patience, is_transaction=group[0][1].is_transactional, is_whole=False)
        for group in groups
    )


def _unit(
    numbered: tuple[tuple[int, Statement], ...],
    dialect: StateDialect,
    patience: Patience,
    *,
    is_transaction: bool,
    is_whole: bool,
) -> Unit:
    calls: list[Call] = []
    limits: tuple[int, int] | None = None
    locks = dialect.locks
    is_queued = any(statement.blocks.value in locks.queued for _, statement in numbered)
    for number, statement in numbered:
        default_ms = locks.attempt_ms if is_queued else locks.free_ms
        lock_ms = statement.lock_timeout_ms or patience.lock_timeout_ms or default_ms
        wanted = (
            lock_ms,
            statement.statement_timeout_ms or patience.statement_timeout_ms,
        )
        if wanted != limits:
            calls.append(Call(CallKind.LIMITS, lock_timeout_ms=wanted[0], statement_timeout_ms=wanted[1]))
            limits = wanted
        if is_transaction and number == numbered[0][0]:
            calls.append(Call(CallKind.BEGIN))
        calls.append(
            Call(CallKind.EXECUTE, statement.sql, number, chunked=statement.chunked, program=statement.program)
        )
    calls.append(Call(CallKind.JOURNAL))
    if is_transaction:
        calls.append(Call(CallKind.COMMIT))
    first = numbered[0][1]
    can_peek = (
        first.blocks.value in locks.peeked and not first.rewrites and first.chunked is None and first.program is None
    )
    numbers = tuple(number for number, _ in numbered)
    return Unit(tuple(calls), numbers, is_transaction, is_whole, is_queued, can_peek)


def render_step(
    step: Step, direction: Direction, dialect: StateDialect, patience: Patience, soft: Collection[int] = ()
) -> tuple[str, ...]:
    """Return the lines of a dry run for one step: a title, then all that would be sent."""
    verb = "" if is_forward(direction) else "undo: "
    lines = [f"-- step {step.id}: {verb}{step.title}"]
    for unit in build_units(statements_of(step, direction, soft), dialect, patience):
        lines.extend(line for call in unit.calls if (line := call.render()))
    return tuple(lines)


def _render_chunked(sql: str, chunked: Chunked) -> str:
    """Return a chunked statement with all that is sent for each range."""
    columns = ", ".join(chunked.columns)
    lines = [f"-- for one range of {chunked.source} ({columns}) after another, each in a transaction of its own:"]
    lines.extend(f"{lock};" for lock in chunked.locks)
    lines.append(f"{sql};")
    if chunked.repair:
        lines.append("-- for a range with differences, after which it is compared again:")
        lines.extend(f"{repair};" for repair in chunked.repair)
    return "\n".join(lines)


def _limit(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds else "none"
