"""Compare the live schema with the expected one and look at the data."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.engine.base import Engine
from lockgate.errors import RefusedError
from lockgate.execute.execution import Execution
from lockgate.execute.opening import open_reading
from lockgate.execute.retry import Patience
from lockgate.model import codec
from lockgate.model.change import Change
from lockgate.model.plan import Plan
from lockgate.model.schema import Schema, Value
from lockgate.model.target import Target
from lockgate.store import checkpoints, runs
from lockgate.verify.data import compare_with_counts, measure_rows
from lockgate.verify.schema import compare_schema
from lockgate.workflow.options import EXACT_COUNT_ROWS, ignore_event, random_id, utc_now

_UNFINISHED = "a run is unfinished"


class VerifyReport(Value, frozen=True, omit_defaults=False):
    """The verdict. ``status``: ok, fail or unknown (never green: something could not be looked at).

    ``expected_from`` says where the expectation comes from; ``changes`` lead from the expected to the live schema (only
    known when the expected schema is, else the fingerprints stand alone); ``rows`` are sentences about tables whose
    rows are not as the last checkpoint counted them; ``checks`` what was looked at.
    """

    status: str
    target: str
    expected_from: str
    expected: str
    live: str
    changes: tuple[Change, ...] = ()
    rows: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def verify_live(
    engine: Engine, target: Target, *, plan: Plan | None = None, desired: Schema | None = None, is_exact: bool = True
) -> VerifyReport:
    """Verify the live database over a read-only session; writes nothing.

    The expectation is ``desired`` when given, else the end of ``plan``, else what the last run left.
    ``is_exact`` counts rows exactly rather than from statistics.

    Raises:
        RefusedError: Nothing tells what to expect: no run, plan or desired schema.
    """
    with open_reading(
        engine, target, patience=Patience(), observer=ignore_event, now=utc_now, new_id=random_id
    ) as execution:
        expectation = _find_expectation(execution, plan, desired)
        live = execution.inspect()
        verdict = compare_schema(live, expectation.fingerprint, expectation.schema)
        rows, notes = _check_rows(execution, live, is_exact=is_exact)
        notes = (*notes, *_unfinished(execution))
        notes = (*notes, *(f"not compared: {u.kind} {u.name} ({u.reason})" for u in live.unmanaged))
        is_unknown = bool(live.unmanaged) or any(note.startswith(_UNFINISHED) for note in notes)
        return VerifyReport(
            status="fail" if not verdict.is_equal else "unknown" if is_unknown else "ok",
            target=target.display,
            expected_from=expectation.source,
            expected=expectation.fingerprint,
            live=verdict.live,
            changes=verdict.changes,
            rows=rows,
            checks=(f"schema of {len(live.tables)} tables", "the journal's last run", "rows since the last checkpoint"),
            notes=notes,
        )


class _Expectation(NamedTuple):
    source: str
    fingerprint: str
    schema: Schema | None


def _find_expectation(execution: Execution, plan: Plan | None, desired: Schema | None) -> _Expectation:
    if desired is not None:
        return _Expectation("the desired schema", codec.fingerprint(desired), desired)
    if plan is not None:
        return _Expectation(f"the end of plan {plan.id}", plan.after, None)
    left = runs.read_left(execution.store)
    if not left:
        raise RefusedError(
            "nothing says what to expect: no plan was ever applied here",
            state="nothing was touched",
            hint="give --desired or a plan",
        )
    return _Expectation("what the last run left", left, _schema_of(execution, left))


def _schema_of(execution: Execution, fingerprint: str) -> Schema | None:
    """Return the schema behind a fingerprint when some checkpoint holds it."""
    for point in checkpoints.list_checkpoints(execution.store):
        if point.fingerprint == fingerprint:
            loaded = checkpoints.load_checkpoint(execution.store, point.id)
            return codec.decode(loaded.schema, Schema, "the checkpoint's schema") if loaded else None
    return None


def _check_rows(execution: Execution, live: Schema, *, is_exact: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sentences on rows since the newest checkpoint, and notes on what could not be compared."""
    newest = next(iter(checkpoints.list_checkpoints(execution.store)), None)
    if newest is None:
        return (), ("there is no checkpoint to compare row counts with",)
    if not is_exact:
        return (), ("rows were not counted, as asked",)
    facts = measure_rows(
        execution.engine,
        execution.session,
        execution.server,
        live,
        exact_count_rows=EXACT_COUNT_ROWS,
        checksum_rows=0,
    )
    uncounted = sorted(name for name, fact in facts.items() if fact.rows < 0)
    notes = (f"{len(uncounted)} tables are too large to be counted",) if uncounted else ()
    return compare_with_counts(newest.counts, facts), notes


def _unfinished(execution: Execution) -> tuple[str, ...]:
    run = runs.find_unfinished(execution.store)
    return (f"{_UNFINISHED}: {run.id} ({run.state.value}); lockgate recover",) if run else ()
