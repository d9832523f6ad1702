"""When a run may be on: its window and its freezes, and the next moment at which both allow it; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lockgate.errors import ConfigError
from lockgate.model.runbook import Freeze, Window

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_AHEAD_DAYS = 400


@dataclass(frozen=True)
class Shut:
    """A moment at which nothing may begin: why, and when it may again (UTC; None: not within a year)."""

    why: str
    until: datetime | None


def find_shut(window: Window | None, freezes: Sequence[Freeze], at: datetime) -> Shut | None:
    """Return why nothing may begin at a moment, None when it may.

    Raises:
        ConfigError: A day, an hour, a date or a zone is none.
    """
    why = _why(window, freezes, at)
    if why is None:
        return None
    return Shut(why, _next_open(window, freezes, at))


def check_window(window: Window | None, freezes: Sequence[Freeze]) -> None:
    """Raise ConfigError when a window or freeze cannot be read."""
    find_shut(window, freezes, datetime(2024, 1, 1, tzinfo=UTC))


def _why(window: Window | None, freezes: Sequence[Freeze], at: datetime) -> str | None:
    zone = _zone(window)
    today = at.astimezone(zone).date()
    for freeze in freezes:
        if _date(freeze.from_) <= today <= _date(freeze.to):
            return f"frozen from {freeze.from_} to {freeze.to}{f': {freeze.reason}' if freeze.reason else ''}"
    if window is None or _is_inside(window, zone, at):
        return None
    days = ", ".join(window.days) or "every day"
    return f"the window is {days} {window.from_}–{window.to} {window.tz}"


def _is_inside(window: Window, zone: ZoneInfo, at: datetime) -> bool:
    local = at.astimezone(zone)
    return any(
        begin <= at < end
        for day in (local.date() - timedelta(days=1), local.date())
        for begin, end in _openings(window, zone, day)
    )


def _openings(window: Window, zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime]]:
    """Return the one opening that begins on a day; one that ends before it begins goes over midnight."""
    days = tuple(_day(name) for name in window.days) or tuple(range(7))
    if day.weekday() not in days:
        return []
    begin, end = _hour(window.from_), _hour(window.to)
    last = day if end > begin else day + timedelta(days=1)
    return [(_moment(day, begin, zone), _moment(last, end, zone))]


def _next_open(window: Window | None, freezes: Sequence[Freeze], at: datetime) -> datetime | None:
    zone = _zone(window)
    first = at.astimezone(zone).date()
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = first + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        starts = [midnight, *(begin for begin, _ in (_openings(window, zone, day) if window else []))]
        for moment in sorted(starts):
            if moment > at and _why(window, freezes, moment) is None:
                return moment
    return None


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(
        day + timedelta(days=minutes // 1440), time(minutes % 1440 // 60, minutes % 60), zone
    ).astimezone(UTC)


def _hour(text: str) -> int:
    """Read ``09:30`` as minutes since midnight; ``24:00`` is the end of the day."""
    hours, colon, minutes = text.strip().partition(":")
    if not (
        colon and hours.isdigit() and minutes.isdigit() and int(minutes) < 60 and int(hours) * 60 + int(minutes) <= 1440
    ):
        raise _mistake(f"{text!r} is no time of day", "write 09:00 to 24:00")
    return int(hours) * 60 + int(minutes)


def _day(text: str) -> int:
    short = text.strip().lower()[:3]
    if short not in _DAYS:
        raise _mistake(f"{text!r} is no day", f"write {', '.join(_DAYS)}")
    return _DAYS.index(short)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise _mistake(f"{text!r} is no date", "write 2026-12-20") from None


def _zone(window: Window | None) -> ZoneInfo:
    name = window.tz if window is not None else "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _mistake(f"{name!r} is no time zone", "write one like Europe/Berlin") from None


def _mistake(what: str, allowed: str) -> ConfigError:
    return ConfigError(what, where="window or freezes of the runbook", cause=allowed, state="nothing was touched")
