"""The check ``sql``: the one value of a read-only query, or how many rows it gives."""

from __future__ import annotations

from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import SqlCheck
from lockgate.model.outcome import FailureClass
from lockgate.runbook.actions.sql import read_rows
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.checks.compare import matches, text_of
from lockgate.runbook.target import TargetTools

_TIMEOUT_S = 60.0
_SHOWN = 20
_CLASS = FailureClass.DATA


def evaluate(tools: TargetTools, check: SqlCheck, context: CheckContext) -> Answer:
    """Ask the database; a query that fails, or a value that cannot be compared, is unknown."""
    expected = " and ".join(text for text in (f"rows {check.rows}" if check.rows else "", check.expect) if text)
    if not expected:
        return unknown("a value", "the check says neither what to expect nor how many rows", _CLASS)
    try:
        rows = read_rows(tools, check.query, _TIMEOUT_S)
    except LockgateError as error:
        return unknown(expected, f"the query gave nothing: {error}", _CLASS)
    items = tuple(", ".join(map(text_of, row)) for row in rows[:_SHOWN])
    verdicts = [matches(len(rows), check.rows)] if check.rows else []
    found = f"{len(rows)} rows"
    if check.expect:
        if len(rows) != 1 or len(rows[0]) != 1:
            width = len(rows[0]) if rows else 0
            return unknown(expected, f"one value is needed, the query gave {len(rows)} rows of {width} columns", _CLASS)
        verdicts.append(matches(rows[0][0], check.expect))
        found = text_of(rows[0][0])
    if None in verdicts:
        return unknown(expected, f"{found} cannot be compared with that", _CLASS)
    return judge(all(verdicts), expected, found, _CLASS, items)
