"""What a monitor reads, what a rule decides, and what whoever runs a procedure is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


@dataclass(frozen=True)
class Reading:
    """One look at a source, at ``at`` (UTC, ISO 8601), over a window of ``window_s`` seconds.

    A rate has ``bad`` of ``total``; a quantile has ``samples``; up or down is ``is_up``; a number is ``value``; log
    lines are ``lines`` (cut to a bound, ``total`` counts all). ``error`` says why there is nothing:
    no data, which is not 0.
    """

    at: str
    window_s: float = 0.0
    value: float | None = None
    bad: float = 0.0
    total: float = 0.0
    samples: tuple[float, ...] = ()
    lines: tuple[str, ...] = ()
    is_up: bool | None = None
    error: str = ""


class Judgement(Enum):
    """What a rule says of a window. AMBER: seen, not enough to act; HOLD: nothing is known."""

    OK = "ok"
    AMBER = "amber"
    HOLD = "hold"
    BREACH = "breach"


@dataclass(frozen=True)
class Decision:
    """A judgement with its arithmetic: ``6/412 = 1.46 %, Wilson low 0.67 % ≤ 1 % → hold``."""

    monitor: str
    judgement: Judgement
    sentence: str
    at: str
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Breach:
    """A rule that was broken; ``action`` is ``stop`` or the level it may take; ``lines`` are the evidence."""

    monitor: str
    action: str
    sentence: str
    at: str
    values: Mapping[str, float] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hold:
    """A monitor without data for longer than its silence allows: nothing new may begin."""

    monitor: str
    why: str
    since: str


class Watcher(Protocol):
    """A watch over all monitors of a run, in a thread of its own; armed from `begin` to `close`, waits included."""

    def begin(self) -> None:
        """Start watching; every monitor must give a value first.

        Raises:
            GateClosed: One does not; it names them.
        """

    def close(self) -> None:
        """Stop watching."""

    def breach(self) -> Breach | None:
        """Return the first breach that was not acknowledged."""

    def acknowledge(self, breach: Breach) -> None:
        """Say that a breach was acted on."""

    def holds(self) -> tuple[Hold, ...]:
        """Return what is silent now."""

    def decisions(self) -> Mapping[str, Decision]:
        """Return the newest decision of each monitor."""

    def mark(self, label: str) -> None:
        """Mark a step on the series."""
