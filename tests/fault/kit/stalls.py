"""What the clients felt in a time: the longest statement, percentiles, and the wait since it should have been sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from tests.fault.kit.ledger import READ, Write


@dataclass(frozen=True)
class Felt:
    """One time window; seconds, but for counts.

    ``stall`` is the longest single write that was under way in it, ``co_p99`` the 99th percentile of the time from
    when a write should have been sent to its answer, ``errors`` the failed writes and reads by class.
    """

    writes: int
    stall: float
    p50: float
    p99: float
    co_p99: float
    read_stall: float
    errors: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON, rounded to tenths of milliseconds."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def felt(writes: Iterable[Write], begin: float, end: float) -> Felt:
    """Measure a window of monotonic time. A statement counts when it was under way or due in it."""
    inside = [w for w in writes if w.ended >= begin and w.scheduled <= end]
    active = [w for w in inside if w.started <= end]
    mine = [w for w in active if w.kind != READ]
    due = [w for w in inside if w.kind != READ and w.scheduled >= begin]
    latencies = sorted(w.ended - w.started for w in mine)
    return Felt(
        writes=len(mine),
        stall=latencies[-1] if latencies else 0.0,
        p50=percentile(latencies, 0.50),
        p99=percentile(latencies, 0.99),
        co_p99=percentile(sorted(w.ended - w.scheduled for w in due), 0.99),
        read_stall=max((w.ended - w.started for w in active if w.kind == READ), default=0.0),
        errors=dict(Counter(w.error for w in active if w.error)),
    )


def percentile(ordered: list[float], share: float) -> float:
    """Return the value that this share of them does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
