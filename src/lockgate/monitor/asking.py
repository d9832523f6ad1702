"""What the sources that ask by queries have in common: one number, or how many bad of how many."""

from __future__ import annotations

from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.counters import Counters
from lockgate.monitor.source import SourceContext, Stopwatch, mistake, rule_for


class NoValue(Exception):
    """A query gave no number; the text says why."""


class AskingSource:
    """A source of ``query``, or of ``bad`` and ``total`` for a rate. What asks the queries is `number`."""

    def __init__(self, monitor: Monitor, context: SourceContext, counters: Counters | None) -> None:
        """Check that the queries are there; ``counters`` tells what growing counts grew by since the last look.

        Raises:
            ConfigError: One is missing.
        """
        self._is_rate = rule_for(monitor).kind == "rate"
        if self._is_rate and not (monitor.bad and monitor.total):
            raise mistake(monitor, "counts no bad of all", "a rate needs bad and total, a query each")
        if not self._is_rate and not monitor.query:
            raise mistake(monitor, "has no query", "query gives one number")
        self._monitor, self._counters = monitor, counters
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Ask for the first time; of a growing counter only the next look tells a rate."""
        return self.read()

    def read(self) -> Reading:
        """Ask; a query without a row, or with something that is no number, is no data."""
        window, monitor = self._watch.lap(), self._monitor
        try:
            if not self._is_rate:
                return Reading(at=self._watch.stamp(), window_s=window, value=self.number(monitor.query))
            bad, total = self.number(monitor.bad, is_bad=True), self.number(monitor.total)
        except NoValue as error:
            return Reading(at=self._watch.stamp(), error=str(error))
        value = total
        if self._counters is not None:
            bad, total = self._counters.grown(bad, total)
        else:
            bad, total = self.per_window(monitor.bad, bad, window), self.per_window(monitor.total, total, window)
        return Reading(at=self._watch.stamp(), window_s=window, value=value, bad=bad, total=total)

    def number(self, query: str, *, is_bad: bool = False) -> float:
        """Ask one number; ``is_bad``: it counts the bad ones, of which there may be none.

        Raises:
            NoValue: There is none.
        """
        raise NotImplementedError

    def per_window(self, query: str, number: float, window_s: float) -> float:
        """Return a count of the window; by default queries count what is in it themselves."""
        return number

    def evidence(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()
