"""When messages are due that are told before a start: T-24h, T-15min; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Due:
    """One message before a start: ``lead`` as it was written, ``at`` when it is due, ``is_due`` whether that is now."""

    lead: str
    at: datetime
    is_due: bool


def plan_leads(leads: Iterable[tuple[str, int]], start: datetime, now: datetime) -> tuple[Due, ...]:
    """Return when each lead is due, the longest first.

    Of several that are due already only the latest is sent: a day's notice is not given an hour before.
    """
    begin = start.astimezone(UTC)
    items = sorted({(seconds, lead) for lead, seconds in leads}, reverse=True)
    moments = [(lead, begin - timedelta(seconds=seconds)) for seconds, lead in items]
    due = [lead for lead, at in moments if at <= now]
    return tuple(Due(lead, at, bool(due) and lead == due[-1] and now < begin) for lead, at in moments)


def next_due(items: Sequence[Due], now: datetime) -> datetime | None:
    """Return when the next message will be due."""
    return min((item.at for item in items if item.at > now), default=None)
