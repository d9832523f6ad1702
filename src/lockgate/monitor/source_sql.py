"""Ask the target one number, or how many of how many; the session is kept read-only by the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from lockgate.errors import LockgateError
from lockgate.model.runbook import Monitor
from lockgate.monitor.asking import AskingSource, NoValue
from lockgate.monitor.counters import Counters, is_cumulative
from lockgate.monitor.source import SourceContext, check_options

RunQuery: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query on a read-only session of the target, under a limit; LockgateError when it cannot."""


class SqlSource(AskingSource):
    """``query`` gives one number; for a rate ``bad`` and ``total`` give one each.

    They count what is in the window themselves, unless ``counters: cumulative`` says that they only ever grow.
    """

    def __init__(
        self, monitor: Monitor, context: SourceContext, run_query: RunQuery, on_close: Callable[[], None] = lambda: None
    ) -> None:
        check_options(monitor, "counters")
        super().__init__(monitor, context, Counters() if is_cumulative(monitor, "window") else None)
        self._run_query, self._on_close = run_query, on_close

    def close(self) -> None:
        """Tell the owner of the session."""
        self._on_close()

    def number(self, query: str, *, is_bad: bool = False) -> float:
        """Ask one number."""
        try:
            rows = self._run_query(query)
        except LockgateError as error:
            raise NoValue(str(error)) from None
        if not rows or not rows[0] or rows[0][0] is None:
            raise NoValue(f"no value from: {query}")
        try:
            return float(rows[0][0])
        except (TypeError, ValueError):
            raise NoValue(f"no number from: {query}") from None
