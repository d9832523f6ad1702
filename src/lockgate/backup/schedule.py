"""When backups are taken by themselves, and by which command; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lockgate.errors import ConfigError
from lockgate.model.schema import Value

DAY = 24 * 60
WEEK = 7 * DAY
GRACE = timedelta(hours=1)
"""How long after its time a run may still be on its way before it counts as missed."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(\d+)\s*([mhdw])")
_MINUTES = {"m": 1, "h": 60, "d": DAY, "w": WEEK}
_AT = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun)\w*\s+)?([01]?\d|2[0-3]):([0-5]\d)", re.IGNORECASE)
ToUtc = Callable[[datetime], datetime]


class When(Value, frozen=True, omit_defaults=False):
    """A rhythm in local time: every so many minutes, so that one run is at ``hour:minute`` (``weekday`` 0 = Monday)."""

    minutes: int = DAY
    hour: int = 2
    minute: int = 15
    weekday: int = 6

    def __str__(self) -> str:
        """Write it as `parse_when` reads it."""
        at = f"{self.hour:02}:{self.minute:02}"
        if self.minutes == WEEK:
            return f"every 7d at {_DAYS[self.weekday]} {at}"
        span = f"{self.minutes}m" if self.minutes < 60 else f"{self.minutes // 60}h"
        return f"every {'1d' if self.minutes == DAY else span} at {at}"

    def cron(self) -> str:
        """Return the five fields of a crontab."""
        if self.minutes < 60:
            return f"{_list(self._minutes(), '')} * * * *"
        hours = _list(self._hours(), "") if self.minutes < DAY else str(self.hour)
        day = str((self.weekday + 1) % 7) if self.minutes == WEEK else "*"
        return f"{self.minute} {hours} * * {day}"

    def calendar(self) -> str:
        """Return the expression for ``OnCalendar=``; see systemd.time(7)."""
        if self.minutes < 60:
            return f"*-*-* *:{_list(self._minutes(), '02')}:00"
        hours = _list(self._hours(), "02") if self.minutes < DAY else f"{self.hour:02}"
        day = f"{_DAYS[self.weekday]} " if self.minutes == WEEK else ""
        return f"{day}*-*-* {hours}:{self.minute:02}:00"

    def _minutes(self) -> range:
        return range(self.minute % self.minutes, 60, self.minutes)

    def _hours(self) -> range:
        step = self.minutes // 60
        return range(self.hour % step, 24, step)

    def _on(self, day: datetime) -> Iterator[datetime]:
        """Yield the runs of one day, ``day`` at midnight."""
        if self.minutes == WEEK and day.weekday() != self.weekday:
            return
        hours = range(24) if self.minutes < 60 else self._hours() if self.minutes < DAY else (self.hour,)
        for hour in hours:
            for minute in self._minutes() if self.minutes < 60 else (self.minute,):
                yield day.replace(hour=hour, minute=minute)


@dataclass(frozen=True)
class Job:
    """What a scheduler is to run. Nothing in it is secret: that is in ``environment_file`` or where references lead.

    ``command`` begins with an absolute path; ``name`` is letters, digits and ``-``; ``user`` whom a system's scheduler
    runs it as.
    """

    name: str
    target: str
    when: When
    command: tuple[str, ...]
    folder: str
    environment: tuple[tuple[str, str], ...] = ()
    environment_file: str = ""
    user: str = ""


class Installed(Value, frozen=True, omit_defaults=False):
    """A schedule that was found. ``is_edited``: it was changed by hand; ``is_active`` None when it cannot be told."""

    kind: str
    place: str
    when: str
    since: str
    text: str = ""
    is_edited: bool = False
    is_active: bool | None = None


def parse_when(at: str = "", every: str = "") -> When:
    """Read ``02:15`` or ``Sun 02:15`` and ``24h``, ``15m``, ``7d``; daily at 02:15 where nothing is said.

    Raises:
        ConfigError: One is something else, or a rhythm that no calendar can hold.
    """
    minutes = _parse_span(every) if every else DAY
    match = _AT.fullmatch(at.strip()) if at else None
    if at and match is None:
        raise _mistake(at, "--at", "allowed is a time such as 02:15, with --every 7d also Sun 02:15")
    if match is None:
        return When(minutes=minutes)
    if match[1] and minutes not in (DAY, WEEK):
        raise _mistake(at, "--at", "a day of the week goes with --every 7d only")
    if match[1]:
        minutes = WEEK
    weekday = _DAYS.index(match[1][:3].title()) if match[1] else 6
    return When(minutes=minutes, hour=int(match[2]), minute=int(match[3]), weekday=weekday)


def read_when(text: str) -> When:
    """Read what ``[backup] schedule`` says: ``02:15``, ``Sun 02:15``, ``every 6h``, ``every 6h at 00:30``.

    Raises:
        ConfigError: It is something else.
    """
    match = re.fullmatch(r"\s*(?:every\s+(\S+))?\s*(?:at\s+)?(.*?)\s*", text)
    try:
        return parse_when(match[2], match[1] or "") if match else parse_when(text)
    except ConfigError as error:
        error.where = "backup.schedule"
        raise


def local_to_utc(local: datetime) -> datetime:
    """Turn a local time without a zone into UTC by this machine's rules."""
    return local.astimezone(UTC)


def next_run(when: When, now: datetime, to_utc: ToUtc = local_to_utc) -> datetime:
    """Return the first run after ``now``, UTC."""
    return min(run for run in _runs(when, now, to_utc) if run > now)


def last_run(when: When, now: datetime, to_utc: ToUtc = local_to_utc) -> datetime:
    """Return the newest run that was due by ``now``, UTC."""
    return max(run for run in _runs(when, now, to_utc) if run <= now)


def missed_run(
    when: When, since: datetime, newest: datetime | None, now: datetime, to_utc: ToUtc = local_to_utc
) -> datetime | None:
    """Return the newest run that was due and left no backup, None when there is none.

    ``since`` is when the schedule was installed, ``newest`` when the newest backup was begun. A run has `GRACE` (or
    half a rhythm, where that is less) to bring one.
    """
    grace = min(GRACE, timedelta(minutes=when.minutes) / 2)
    due = last_run(when, now - grace, to_utc)
    if due <= since or (newest is not None and newest >= due - timedelta(minutes=1)):
        return None
    return due


def _runs(when: When, now: datetime, to_utc: ToUtc) -> Iterator[datetime]:
    """Yield the runs around a moment: eight days hold every rhythm and every time zone."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for days in range(-8, 9):
        for run in when._on(midnight + timedelta(days=days)):
            yield to_utc(run)


def _parse_span(text: str) -> int:
    match = _SPAN.fullmatch(text.strip())
    minutes = int(match[1]) * _MINUTES[match[2]] if match else 0
    is_in_hour = 5 <= minutes < 60 and 60 % minutes == 0
    is_in_day = 60 <= minutes < DAY and minutes % 60 == 0 and DAY % minutes == 0
    if not (is_in_hour or is_in_day or minutes in (DAY, WEEK)):
        raise _mistake(
            text, "--every", "allowed are 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h (1d) and 7d"
        )
    return minutes


def _mistake(text: str, where: str, allowed: str) -> ConfigError:
    return ConfigError(f"{text!r} is no rhythm for backups", where=where, cause=allowed, state="nothing was installed")


def _list(numbers: range, form: str) -> str:
    return ",".join(format(number, form) for number in numbers)
