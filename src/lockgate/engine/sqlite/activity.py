"""What SQLite tells of other sessions: nothing, for there is no server."""

from __future__ import annotations

from lockgate.engine.activity import Activity
from lockgate.engine.base import Session

_WHY = "SQLite has no server that knows its sessions"


def activity(session: Session, lease: str = "") -> Activity:
    """Return that nothing is told."""
    return Activity(untold=dict.fromkeys(("blocked", "longest_s", "used", "allowed", "deadlocks", "lags"), _WHY))
