"""The time at the start of a log's line, in the forms that are common; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)?")
_WEB = re.compile(r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]")
_SLASHES = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)")
_EPOCH = re.compile(r'"(?:time|ts|timestamp|t)":\s*"?(1[5-9]\d{8}|2\d{9})(\d{3})?(?:\.\d+)?"?[,}]')
_LOOK_IN = 400


def time_of_line(line: str, zone: tzinfo) -> datetime | None:
    """Return a line's time in UTC, or None; ``zone`` is for times that name none."""
    head = line[:_LOOK_IN]
    if match := _ISO.search(head):
        fraction = f".{(match[3] or '0')[:6]:0<6}"
        offset = "+00:00" if match[4] in ("Z", "UTC", "GMT") else match[4] or ""
        try:
            at = datetime.fromisoformat(f"{match[1]}T{match[2]}{fraction}{offset}")
        except ValueError:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    if match := _WEB.search(head):
        return datetime.strptime(match[1], "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    if match := _SLASHES.search(head):
        return (
            datetime.fromisoformat(f"{match[1]}-{match[2]}-{match[3]}T{match[4]}").replace(tzinfo=zone).astimezone(UTC)
        )
    if match := _EPOCH.search(head):
        return datetime.fromtimestamp(int(match[1]), UTC)
    return None


def zone_of_log(lines: Sequence[str], changed: datetime) -> tzinfo:
    """Return UTC or this machine's zone, by which the last time in the log lies nearer to the file's last change."""
    local = datetime.now().astimezone().tzinfo or UTC
    for line in reversed(lines[-1000:]):
        at = time_of_line(line, UTC)
        if at is None:
            continue
        here = time_of_line(line, local) or at
        return local if abs(here - changed) + timedelta(seconds=1) < abs(at - changed) else UTC
    return UTC
