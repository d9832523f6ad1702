"""Finds values that cannot be read, and windows that never open; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from lockgate.model.finding import Finding
from lockgate.runbook.lint.rules_plan import UNREADABLE, WINDOW
from lockgate.runbook.lint.sheet import Sheet

_DURATION = re.compile(r"^\s*(\d+(\.\d+)?\s*(ms|s|m|min|h|d|w)\s*)+$|^0$", re.IGNORECASE)
_DURATIONS = frozenset(
    [
        "estimate",
        "timeout",
        "deadline",
        "silence",
        "bake",
        "expires",
        "max_age",
        "within",
        "every",
        "duration",
        "window",
        "max_lag",
        "lock_timeout",
        "stall_budget",
        "lock_patience",
    ]
)
_PATTERNS = frozenset(("matches",))
_TRIES = re.compile(r"^\s*(\d+)\s*/\s*(\d+)\s*$")
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):[0-5]\d$|^24:00$")
_DAYS = frozenset(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
_VARIABLE = "${"


def check_values(sheet: Sheet) -> Iterator[Finding]:
    """Walk through the whole runbook and try each value that has a form."""
    yield from _walk(sheet, sheet.runbook, "")


def _walk(sheet: Sheet, value: object, path: str) -> Iterator[Finding]:
    if isinstance(value, msgspec.Struct):
        for name, encoded in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            inner = getattr(value, name)
            here = f"{path}.{encoded}" if path else encoded
            if isinstance(inner, str) and inner and _VARIABLE not in inner:
                if (problem := _problem(name, inner)) and not (name == "estimate" and re.search(r"\d", inner)):
                    yield sheet.found(UNREADABLE, f"{encoded}: “{inner}” {problem}", here, needle=inner)
            elif not isinstance(inner, str):
                yield from _walk(sheet, inner, here)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _walk(sheet, item, f"{path}[{number}]")


def _problem(name: str, text: str) -> str:
    if name in _DURATIONS and not _DURATION.match(text):
        return "is no duration"
    if name in _PATTERNS:
        try:
            re.compile(text)
        except re.error as error:
            return f"is no pattern: {error}"
        if re.search(r"\(\?[=!<]|\\[1-9]", text):
            return "looks back or around, which patterns here cannot"
    if name == "of":
        tries = _TRIES.match(text)
        if not tries or int(tries.group(1)) > int(tries.group(2)) or int(tries.group(2)) < 1:
            return "is no number of tries such as 3/3"
    return ""


def check_window(sheet: Sheet) -> Iterator[Finding]:
    """Look whether the run can start at all."""
    window = sheet.runbook.window
    if window is not None:
        if not _is_zone(window.tz):
            yield sheet.found(UNREADABLE, f"tz: “{window.tz}” is no time zone", "window.tz")
        for key, text in (("from", window.from_), ("to", window.to)):
            if not _CLOCK.match(text):
                yield sheet.found(UNREADABLE, f"{key}: “{text}” is no time of day", f"window.{key}")
        wrong = [day for day in window.days if day.lower()[:3] not in _DAYS]
        if wrong:
            yield sheet.found(UNREADABLE, f"days: {', '.join(wrong)} is no day of the week", "window.days")
        if window.from_ == window.to:
            yield sheet.found(WINDOW, f"the window is from {window.from_} to {window.to}", "window")
    for number, freeze in enumerate(sheet.runbook.freezes):
        path = f"freezes[{number}]"
        days = [_date(freeze.from_), _date(freeze.to)]
        for text, day in zip((freeze.from_, freeze.to), days, strict=True):
            if day is None:
                yield sheet.found(UNREADABLE, f"“{text}” is no date", path, needle=text)
        if days[0] and days[1] and days[1] < days[0]:
            yield sheet.found(WINDOW, f"the freeze ends ({freeze.to}) before it begins ({freeze.from_})", path)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
