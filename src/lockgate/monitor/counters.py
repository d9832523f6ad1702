"""Counters that only ever grow: how much they did since the last look."""

from __future__ import annotations

from lockgate.model.runbook import Monitor
from lockgate.monitor.source import mistake


class Counters:
    """Two counters; after a restart, when one is smaller than before, what it says now is what it grew by."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def grown(self, bad: float, total: float) -> tuple[float, float]:
        """Return by how much both grew since the last call; 0 and 0 the first time."""
        last, self._last = self._last, (bad, total)
        if last is None:
            return 0.0, 0.0
        if bad < last[0] or total < last[1]:
            return bad, total
        return bad - last[0], total - last[1]


def is_cumulative(monitor: Monitor, default: str) -> bool:
    """Tell whether a monitor's queries count everything since the start of time, rather than one window.

    Raises:
        ConfigError: The option says something else.
    """
    counters = monitor.options.get("counters", default)
    if counters not in ("window", "cumulative"):
        raise mistake(monitor, f"has counters: {counters}", "allowed are window and cumulative")
    return counters == "cumulative"
