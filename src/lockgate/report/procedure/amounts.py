"""Durations and ages as people write and read them; pure."""

from __future__ import annotations

import re
from datetime import datetime

_PART = re.compile(r"(?:(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*)?(\d+(?:\.\d+)?)\s*(ms|[smhdw])", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 8 * 3600.0, "w": 40 * 3600.0}


def estimate_seconds(text: str) -> float:
    """Return an estimate (``1h 30m``, ``4-6h``: the upper end, ``2d``: of 8 hours) in seconds, -1 when it says none."""
    parts = _PART.findall(text.lower())
    return sum(float(number) * _SECONDS[unit] for _, number, unit in parts) if parts else -1.0


def duration_words(seconds: float) -> str:
    """Return a duration for people; ``unknown`` for a negative one."""
    if seconds < 0:
        return "unknown"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def moment(text: str) -> datetime | None:
    """Return a time of the journal, None when it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def seconds_between(first: str, second: str) -> float:
    """Return the seconds from one time to another, -1 when one of them is none."""
    one, two = moment(first), moment(second)
    if one is None or two is None or (one.tzinfo is None) != (two.tzinfo is None):
        return -1.0
    return max((two - one).total_seconds(), 0.0)
