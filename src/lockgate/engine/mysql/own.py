"""Lockgate's own parked objects in a database: which exist, and the next free number."""

from __future__ import annotations

import re

from lockgate.engine.base import Session

_PARKED = re.compile(r"lockgate_p(\d+)_", re.I)


def list_own(session: Session) -> tuple[str, ...]:
    """Return the names of all parked objects: tables, and columns as ``table.column``."""
    rows = session.query(
        "SELECT TABLE_NAME, NULL FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'lockgate\\_p%'"
        " UNION ALL SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_NAME LIKE 'lockgate\\_p%'"
    )
    names = (str(table) if column is None else f"{table}.{column}" for table, column in rows)
    return tuple(sorted(name for name in names if _PARKED.match(name.rsplit(".", 1)[-1])))


def next_park_number(session: Session) -> int:
    """Return the first number above all that parked objects use."""
    found = (_PARKED.match(name.rsplit(".", 1)[-1]) for name in list_own(session))
    return max((int(match.group(1)) for match in found if match), default=0) + 1
