"""Watch the target's own sessions, locks, connections and replicas, by looks that the caller gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from lockgate.engine.activity import Activity, Blocked
from lockgate.errors import LockgateError
from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.source import MOST_LINES, SourceContext, Stopwatch, check_options, mistake, rule_for

Look: TypeAlias = Callable[[], Activity]
KINDS = ("sessions", "locks", "pool", "replication")


class TargetSource:
    """One number of an `Activity`.

    * ``locks``: how many seconds the session waits that has waited longest for one of ours (``of: all``: for anybody);
      ``what: count`` counts such sessions, ``what: deadlocks`` the server's deadlocks since the watch began.
    * ``sessions``: the age of the oldest open transaction of others, in seconds.
    * ``pool``: connections used, in percent of those allowed.
    * ``replication``: how many seconds the replica that is farthest behind is (``query``: only those with this name).
    """

    def __init__(
        self, monitor: Monitor, context: SourceContext, look: Look, on_close: Callable[[], None] = lambda: None
    ) -> None:
        check_options(monitor, *(("of", "what") if monitor.source == "locks" else ()))
        self._of, self._what = monitor.options.get("of", "ours"), monitor.options.get("what", "wait")
        if self._of not in ("ours", "all") or self._what not in ("wait", "count", "deadlocks"):
            raise mistake(monitor, "has an option that means nothing", "of: ours, all; what: wait, count, deadlocks")
        if rule_for(monitor).kind != "value":
            raise mistake(monitor, f"has a rule {rule_for(monitor).kind}", "the target's own numbers have a rule value")
        self._monitor, self._look = monitor, look
        self._first_deadlocks: int | None = None
        self._evidence: tuple[str, ...] = ()
        self._on_close = on_close
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Look for the first time."""
        return self.read()

    def read(self) -> Reading:
        """Look; what the server does not tell is no data, with the reason."""
        window = self._watch.lap()
        try:
            seen = self._look()
        except LockgateError as error:
            return Reading(at=self._watch.stamp(), error=str(error))
        self._evidence = tuple(map(describe_blocked, seen.blocked or ()))[:MOST_LINES]
        read = getattr(self, f"_{self._monitor.source}")
        value, lines, why = read(seen)
        if value is None:
            return Reading(at=self._watch.stamp(), error=why or "the server does not tell")
        is_pool = self._monitor.source == "pool"
        return Reading(
            at=self._watch.stamp(),
            window_s=window,
            value=value,
            bad=float(seen.used or 0) if is_pool else 0.0,
            total=float(seen.allowed or 0) if is_pool else 0.0,
            lines=tuple(lines[:MOST_LINES]),
        )

    def evidence(self) -> tuple[str, ...]:
        """Return who waited for whom at the last look."""
        return self._evidence

    def close(self) -> None:
        """Tell the owner of the session."""
        self._on_close()

    def _locks(self, seen: Activity) -> tuple[float | None, list[str], str]:
        if self._what == "deadlocks":
            return self._deadlocks(seen)
        if seen.blocked is None:
            return None, [], seen.untold.get("blocked", "")
        counted = [one for one in seen.blocked if one.is_ours or self._of == "all"]
        lines = [describe_blocked(one) for one in counted]
        if self._what == "count":
            return float(len(counted)), lines, ""
        return max((one.waited_s for one in counted), default=0.0), lines, ""

    def _deadlocks(self, seen: Activity) -> tuple[float | None, list[str], str]:
        if seen.deadlocks is None:
            return None, [], seen.untold.get("deadlocks", "")
        if self._first_deadlocks is None:
            self._first_deadlocks = seen.deadlocks
        return float(seen.deadlocks - self._first_deadlocks), [], ""

    def _sessions(self, seen: Activity) -> tuple[float | None, list[str], str]:
        lines = [f"open for {seen.longest_s or 0:.0f} s: {seen.longest}"] if seen.longest else []
        return seen.longest_s, lines, seen.untold.get("longest_s", "")

    def _pool(self, seen: Activity) -> tuple[float | None, list[str], str]:
        if seen.used is None or not seen.allowed:
            return None, [], seen.untold.get("used", "")
        return 100.0 * seen.used / seen.allowed, [], ""

    def _replication(self, seen: Activity) -> tuple[float | None, list[str], str]:
        if seen.lags is None:
            return None, [], seen.untold.get("lags", "")
        lags = [(name, seconds) for name, seconds in seen.lags if self._monitor.query in name]
        if not lags:
            return None, [], f"there is no replica {self._monitor.query}"
        return max(seconds for _, seconds in lags), [f"{name}: {seconds:.1f} s behind" for name, seconds in lags], ""


def describe_blocked(one: Blocked) -> str:
    """Say who waits, how long, and for whom."""
    whom = "; ".join(one.by) or ("a statement of ours" if one.is_ours else "somebody the server does not name")
    return f"{one.description} has waited {one.waited_s:.1f} s for {whom}"
