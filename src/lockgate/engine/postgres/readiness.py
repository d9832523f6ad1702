"""Whether a PostgreSQL database can be changed by this user: ownership, rights to create, time-outs of the role.

ALTER TABLE needs ownership of the table, CREATE TABLE the right to create in its schema, a schema of our own the right
to create in the database (manual: sql-altertable, ddl-priv).
"""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.engine.readiness import Readiness

_RIGHTS = """
SELECT current_user, current_database(),
       pg_catalog.has_database_privilege(current_database(), 'CREATE'),
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
"""
_SCHEMAS = r"""
SELECT n.nspname, pg_catalog.has_schema_privilege(n.oid, 'CREATE')
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'lockgate%'
ORDER BY 1
"""
_TABLES = r"""
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_get_userbyid(c.relowner)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
ORDER BY 1
"""
_TIMEOUTS = """
SELECT name, reset_val, unit FROM pg_catalog.pg_settings
WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout', 'idle_session_timeout')
  AND reset_val::bigint BETWEEN 1 AND 59999
ORDER BY 1
"""


def readiness(session: Session) -> Readiness:
    """Look at the rights of the current user and the time-outs that would end our session."""
    user, database, may_create, is_super = session.query(_RIGHTS)[0]
    missing = [] if may_create else [f'GRANT CREATE ON DATABASE "{database}" TO "{user}"']
    missing += [
        f'GRANT CREATE ON SCHEMA "{name}" TO "{user}"' for name, is_allowed in session.query(_SCHEMAS) if not is_allowed
    ]
    if not is_super:
        owners: dict[str, list[str]] = {}
        for table, owner in session.query(_TABLES):
            owners.setdefault(owner, []).append(table)
        missing += [
            f'GRANT "{owner}" TO "{user}" (owns {len(tables)} tables, such as {tables[0]})'
            for owner, tables in owners.items()
        ]
    cut_offs = tuple(f"{name} is {value} {unit or ''}".rstrip() for name, value, unit in session.query(_TIMEOUTS))
    return Readiness(f"the role {user}", tuple(missing), cut_offs)
