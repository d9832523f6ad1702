"""Lengths of time as runbooks write them: ``500ms``, ``90s``, ``10m``, ``1h30m``, ``4-6h``, ``2d``, ``1w``."""

from __future__ import annotations

import re

from lockgate.model.duration import PART, UNITS_S, parse_duration

_LONG = re.compile(r"(\d)\s*(?:hours?|hrs?)\b|(\d)\s*(?:minutes?|mins?)\b|(\d)\s*(?:seconds?|secs?)\b|(\d)\s*days?\b")


def parse_seconds(text: str, where: str = "") -> float:
    """Read a length of time as seconds; the empty text is 0.

    Raises:
        ConfigError: It is something else.
    """
    return 0.0 if text.strip() in ("", "0") else parse_duration(text, where)


def estimate_seconds(text: str) -> float:
    """Read an author's estimate as seconds; of a range the upper end, 0 when it cannot be read.

    An estimate's day has 8 hours and its week 40, as a plan's day does.
    """
    rest = text.strip().lower().replace("–", "-")
    rest = _LONG.sub(lambda m: next(f"{g}{u}" for g, u in zip(m.groups(), "hmsd", strict=True) if g), rest)
    span = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:ms|s|m|min|h|d|w)?\s*-\s*(\d.*)", rest)
    rest = span[2] if span else rest
    parts = PART.findall(rest)
    work = {**UNITS_S, "d": 28800.0, "w": 144000.0}
    return sum(float(number) * work[unit] for number, unit in parts)


def show_seconds(seconds: float) -> str:
    """Return a length of time for people: ``0.4 s``, ``12 s``, ``3 min 20 s``, ``1 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s"
