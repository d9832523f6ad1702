"""Compare the live schema with the expected one and look at the data."""

from __future__ import annotations

from lockgate.engine.base import Engine
from lockgate.model.change import Change
from lockgate.model.plan import Plan
from lockgate.model.schema import Schema, Value
from lockgate.model.target import Target


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
    raise NotImplementedError
