"""The task ``sql``: one query over a session that the server keeps read-only; its rows become evidence."""

from __future__ import annotations

import csv
import io
from contextlib import closing

from lockgate.errors import StatementFailed
from lockgate.model.actions import Sql
from lockgate.model.outcome import FailureClass
from lockgate.runbook.actions.common import done, failed, words_of, would
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.target import TargetTools

MOST_ROWS = 10_000


def perform(tools: TargetTools, action: Sql, context: TaskContext) -> Done:
    """Run a query; a statement that writes is refused by the session and fails the task."""
    if context.is_dry_run:
        return would(f"read: {action.query}")
    try:
        rows = read_rows(tools, action.query, context.timeout_s)
    except StatementFailed as error:
        return failed(f"the query failed over a read-only session: {words_of(error)}", FailureClass.PROCESS)
    kept = context.keep(f"{context.task.id}-rows.csv", csv_of(rows).encode())
    cut = f", the first {MOST_ROWS} are kept" if len(rows) > MOST_ROWS else ""
    return done(f"{len(rows)} rows{cut}", kept)


def read_rows(tools: TargetTools, query: str, timeout_s: float) -> list[tuple[object, ...]]:
    """Return the rows of a query over a read-only session with a limit of time."""
    with closing(tools.engine.connect(tools.target, is_read_only=True)) as session:
        limit = max(1, int(timeout_s * 1000)) if 0 < timeout_s < 1e6 else 0
        session.set_limits(min(limit or 10_000, 10_000), limit)
        return session.query(query)


def csv_of(rows: list[tuple[object, ...]]) -> str:
    """Write rows as CSV, NULL as an empty cell."""
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else str(cell) for cell in row] for row in rows[:MOST_ROWS]])
    return text.getvalue()
