"""How fast rows are copied: short transactions with pauses, sized by how long they take; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lockgate.model.target import Target


@dataclass(frozen=True)
class Pace:
    """How much of the server a copy may take.

    A range's transaction aims at ``target_s`` seconds and is followed by a pause of ``rest`` times its duration. A
    range has at most ``most_rows`` rows, the first one ``first_rows``; on a busy machine the commit alone takes longer
    than the aim, so a range gets smaller than the first only when it takes ten times as long.
    """

    name: str = "normal"
    target_s: float = 0.03
    rest: float = 0.33
    first_rows: int = 200
    most_rows: int = 5_000

    def for_one_writer(self) -> Pace:
        """Return the pace for a database with one writer at a time: shorter ranges, longer gaps between them."""
        if self.name == "max":
            return self
        return replace(self, target_s=min(self.target_s, 0.012), rest=max(self.rest, 2.0))

    def next_rows(self, rows: int, seconds: float) -> int:
        """Return the size of the next range after one of ``rows`` that took ``seconds``."""
        wanted = rows * 2 if seconds <= 0 else int(rows * min(max(self.target_s / seconds, 0.25), 1.5))
        least = self.first_rows if seconds < 10 * self.target_s else max(self.first_rows // 20, 1)
        return min(max(wanted, least), self.most_rows)

    def pause_s(self, seconds: float) -> float:
        """Return how long to rest after a range that took ``seconds``."""
        return seconds * self.rest


@dataclass(frozen=True)
class Limits:
    """When a copy is held back, and when it is given up; 0 means no limit.

    ``latency_s``: small writes of the copy take longer than this, and much longer than usual. ``lag_s``: a replica is
    further behind; ``replicas`` are asked themselves, and one that cannot tell holds the copy back. ``most_active`` and
    ``critical_active``: so many other sessions run statements that the copy waits, or that the run is undone. All of it
    is looked at every ``look_every_s`` seconds.
    """

    latency_s: float = 0.25
    lag_s: float = 5.0
    most_active: int = 0
    critical_active: int = 0
    replicas: tuple[Target, ...] = ()
    look_every_s: float = 0.5


USUAL_LIMITS = Limits()
PACES = {
    "gentle": Pace(name="gentle", target_s=0.015, rest=2.0, first_rows=100, most_rows=1_000),
    "normal": Pace(),
    "max": replace(Pace(), name="max", target_s=0.25, rest=0.0, first_rows=1_000, most_rows=50_000),
}
