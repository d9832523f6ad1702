"""Lengths of time as people write them: ``5s``, ``1h30m``, ``250ms``; pure."""

from __future__ import annotations

import re

from lockgate.errors import ConfigError

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)\s*")


def parse_duration(text: str, where: str = "") -> float:
    """Return seconds.

    Raises:
        ConfigError: The text is no length of time.
    """
    rest, total = text.strip().lower(), 0.0
    is_empty = not rest
    while rest and (match := PART.match(rest)):
        total += float(match[1]) * UNITS_S[match[2]]
        rest = rest[match.end() :]
    if rest or is_empty:
        raise ConfigError(
            f"{text!r} is no length of time",
            where=where,
            cause="allowed are numbers with ms, s, m, h, d or w, for example 90s or 1h30m",
            state="nothing was touched",
        )
    return total
