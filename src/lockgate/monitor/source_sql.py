"""Ask the target one number, or how many of how many; the session is kept read-only by the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from lockgate.errors import LockgateError
from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.counters import Counters, is_cumulative
from lockgate.monitor.source import SourceContext, Stopwatch, check_options, mistake, rule_for

RunQuery: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query on a read-only session of the target, under a limit; LockgateError when it cannot."""


class SqlSource:
    """``query`` gives one number; for a rate ``bad`` and ``total`` give one each.

    They count what is in the window themselves, unless ``counters: cumulative`` says that they only ever grow.
    """

    def __init__(
        self, monitor: Monitor, context: SourceContext, run_query: RunQuery, on_close: Callable[[], None] = lambda: None
    ) -> None:
        check_options(monitor, "counters")
        self._is_rate = rule_for(monitor).kind == "rate"
        if self._is_rate and not (monitor.bad and monitor.total):
            raise mistake(monitor, "counts no bad of all", "a rate needs bad and total, a query each")
        if not self._is_rate and not monitor.query:
            raise mistake(monitor, "has no query", "query gives one number")
        self._monitor, self._run_query = monitor, run_query
        self._counters = Counters() if is_cumulative(monitor, "window") else None
        self._on_close = on_close
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Ask for the first time."""
        return self.read()

    def read(self) -> Reading:
        """Ask; a query without a row, or with something that is no number, is no data."""
        window, monitor = self._watch.lap(), self._monitor
        try:
            if not self._is_rate:
                return Reading(at=self._watch.stamp(), window_s=window, value=self._number(monitor.query))
            bad, total = self._number(monitor.bad), self._number(monitor.total)
        except (LockgateError, ValueError) as error:
            return Reading(at=self._watch.stamp(), error=str(error))
        if self._counters is not None:
            bad, total = self._counters.grown(bad, total)
        return Reading(at=self._watch.stamp(), window_s=window, value=total, bad=bad, total=total)

    def evidence(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Tell the owner of the session."""
        self._on_close()

    def _number(self, query: str) -> float:
        rows = self._run_query(query)
        if not rows or not rows[0] or rows[0][0] is None:
            raise ValueError(f"no value from: {query}")
        try:
            return float(rows[0][0])
        except (TypeError, ValueError):
            raise ValueError(f"no number from: {query}") from None
