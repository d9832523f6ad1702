"""Our own objects in the target: parked ones and the numbers they use."""

from __future__ import annotations

import re

from lockgate.engine.base import Session

_NAMES_SQL = """
SELECT name FROM sqlite_schema WHERE name LIKE 'lockgate\\_p%' ESCAPE '\\' AND type IN ('table', 'index', 'trigger')
UNION SELECT x.name FROM sqlite_schema AS m JOIN pragma_table_xinfo(m.name) AS x
WHERE m.type = 'table' AND x.name LIKE 'lockgate\\_p%' ESCAPE '\\' ORDER BY 1
"""
_TABLES_SQL = """
SELECT m.name FROM sqlite_schema AS m LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = m.name
WHERE m.type = 'table' AND m.name LIKE 'lockgate\\_p%' ESCAPE '\\' AND l.type IS NOT 'shadow' ORDER BY m.name
"""
_NUMBER = re.compile(r"lockgate_p(\d+)_", re.IGNORECASE)


def next_park_number(session: Session) -> int:
    """Return the first number no parked object uses."""
    found = [_NUMBER.match(str(row[0])) for row in session.query(_NAMES_SQL)]
    return 1 + max((int(match.group(1)) for match in found if match), default=0)


def list_own(session: Session) -> tuple[str, ...]:
    """Return the names of all parked objects that exist now, sorted."""
    return tuple(str(row[0]) for row in session.query(_TABLES_SQL) if _NUMBER.match(str(row[0])))
