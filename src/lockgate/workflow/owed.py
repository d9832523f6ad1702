"""What a way back left owing: the rows in the way, and the proof that nothing else differs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from msgspec.structs import replace

from lockgate.engine.base import Scope, ScratchOptions
from lockgate.errors import InDoubtError, LockgateError, ScratchUnavailable, StatementFailed
from lockgate.execute.execution import Execution
from lockgate.model import codec
from lockgate.model.op import Statement
from lockgate.model.run import Debt, Owed, OwedRow, Run
from lockgate.model.schema import Schema
from lockgate.store import debts, runs
from lockgate.verify.schema import compare_schema


def owed_since(execution: Execution, run: Run) -> tuple[Debt, ...]:
    """Return what this run and the runs after it owe."""
    numbers = {other.id: other.number for other in runs.list_runs(execution.store)}
    return tuple(debt for debt in debts.list_owed(execution.store) if numbers.get(debt.run, 0) >= run.number)


def list_rows(execution: Execution, owed: Sequence[Debt]) -> tuple[Owed, ...]:
    """Return debts as people read them, each with the rows that stand in the way now."""
    return tuple(_list(execution, debt) for debt in owed)


def _list(execution: Execution, debt: Debt) -> Owed:
    rows: tuple[OwedRow, ...] = ()
    note = ""
    try:
        found = execution.session.query(debt.soft.rows)
        rows = tuple(OwedRow(str(row[0]), None if row[1] is None else str(row[1])) for row in found)
    except StatementFailed as error:
        note = f"the rows cannot be listed: {error.cause or error.what}"
    return Owed(debt.id, debt.run, debt.step_id, debt.message, debt.owed_since, rows, note)


def settled_schema(
    execution: Execution, scratch: ScratchOptions, statements: Sequence[Statement], name: str = "debts"
) -> Schema:
    """Return what the live schema would be after these statements, found out on a scratch copy of it.

    Raises:
        ScratchUnavailable: There is no scratch, or the copy cannot be built in it.
        StatementFailed: A statement fails on the copy.
    """
    engine = execution.engine
    live = execution.inspect(include_own=True)
    with ExitStack() as stack:
        place = stack.enter_context(engine.open_scratch(execution.server, execution.target, scratch))
        session = stack.enter_context(closing(place.create_database(name)))
        try:
            for sql in (*engine.state.setup, *engine.render_schema(live, place.server)):
                session.execute(sql)
        except StatementFailed as error:
            raise ScratchUnavailable("a copy of the live schema cannot be built", cause=str(error)) from None
        for statement in statements:
            session.execute(statement.sql)
        return engine.inspect(session, execution.server, Scope())


def prove_owed(execution: Execution, owed: Sequence[Debt], goal: str, schema: str, scratch: ScratchOptions) -> None:
    """Prove that the live schema differs from a goal in nothing but what is owed.

    Every debt is settled on a scratch copy of the live schema, which must then be the goal's.

    Args:
        goal: The goal's fingerprint.
        schema: The goal's schema as JSON; may be empty.

    Raises:
        InDoubtError: Something else differs, or it cannot be found out.
    """
    statements = [statement for debt in owed for statement in debt.soft.settle]
    listed = "; ".join(debt.message for debt in owed)
    try:
        reached = settled_schema(execution, scratch, statements)
    except LockgateError as error:
        raise InDoubtError(
            "it cannot be proven that only what is owed differs from the checkpoint",
            cause=str(error),
            state=f"all steps were undone without an error; owed: {listed}",
            hint="set scratch_url to a server of the same version, then `lockgate recover`",
        ) from None
    expected = codec.decode(schema, Schema, "the checkpoint's schema") if schema else None
    verdict = compare_schema(reached, goal, expected)
    if not verdict.is_equal:
        raise InDoubtError(
            "the way back did not lead to the checkpoint's schema",
            cause=verdict.describe(),
            state=f"all steps were undone without an error; what differs is more than what is owed: {listed}",
        )


def is_all_but_owed(execution: Execution, expected: str, scratch: ScratchOptions) -> bool:
    """Tell whether the live schema differs from an expected one only in what the run still owes."""
    run = execution.run
    owed = debts.list_owed(execution.store, run_id=run.id) if run else ()
    if not owed:
        return False
    try:
        prove_owed(execution, owed, expected, "", scratch)
    except InDoubtError:
        return False
    return True


def write_goals(execution: Execution, owed: Sequence[Debt], goal: str, position: int) -> None:
    """Write which schema settling all debts leads to, and how many steps of their newest run are done then."""
    for debt in owed:
        is_own = execution.run is not None and debt.run == execution.run.id
        debts.write_debt(execution.store, replace(debt, goal=goal, position=position if is_own else debt.position))
