"""What belongs to a database and not to what is in it, carried over from the live one to the one that replaces it.

A restore does not take back who may connect, nor how the server is told to treat the database: what holds now goes on.
"""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.engine.postgres.backup_database import render_database
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.split import split_sql

_HEAD = (
    "SELECT pg_catalog.pg_get_userbyid(datdba), datconnlimit, pg_catalog.shobj_description(oid, 'pg_database') IS NULL,"
    " datacl IS NULL FROM pg_catalog.pg_database WHERE datname = %s"
)
_ROLES = (
    "SELECT r.rolname FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase"
    " LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole WHERE d.datname = %s ORDER BY 1 NULLS FIRST"
)


def read_settings(session: Session, live: str, incoming: str) -> tuple[str, ...]:
    """Return the statements that give the incoming database, once it has the live name, what the live one has now."""
    owner, limit, is_silent, is_usual = session.query(_HEAD, (live,))[0]
    name = quote_ident(live)
    statements = [
        f"ALTER DATABASE {name} OWNER TO {quote_ident(owner)}",
        f"ALTER DATABASE {name} CONNECTION LIMIT {limit}",
    ]
    brought = session.query(_HEAD, (incoming,))
    for (role,) in session.query(_ROLES, (incoming,)):
        who = f"ROLE {quote_ident(role)} IN DATABASE {name}" if role is not None else f"DATABASE {name}"
        statements.append(f"ALTER {who} RESET ALL")
    if brought and is_silent and not brought[0][2]:
        statements.append(f"COMMENT ON DATABASE {name} IS NULL")
    if brought and is_usual and not brought[0][3]:
        statements += [
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO PUBLIC",
        ]
    return (*statements, *(statement.text for statement in split_sql(render_database(session))))
