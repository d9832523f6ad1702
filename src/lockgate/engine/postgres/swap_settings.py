"""What belongs to a database and not to what is in it: its settings, rights and comment, as statements."""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.engine.postgres.quote import quote_ident, quote_literal

# Their values are lists that are kept with their quotes. Source: PostgreSQL, src/bin/pg_dump/dumputils.c,
# variable_is_guc_list_quote.
_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
_HEAD = (
    "SELECT pg_catalog.pg_get_userbyid(datdba), datconnlimit, pg_catalog.shobj_description(oid, 'pg_database'),"
    " datacl IS NOT NULL FROM pg_catalog.pg_database WHERE datname = %s"
)
_GRANTS = (
    "SELECT CASE WHEN a.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END, a.privilege_type,"
    " a.is_grantable FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a WHERE d.datname = %s"
    " ORDER BY 1, 2"
)
_CONFIG = (
    "SELECT CASE WHEN s.setrole = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(s.setrole) END, unnest(s.setconfig)"
    " FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase"
    " WHERE d.datname = %s ORDER BY 1, 2"
)


def read_settings(session: Session, database: str) -> tuple[str, ...]:
    """Return the statements that give a new database of this name what the one of this name has now."""
    owner, limit, comment, has_rights = session.query(_HEAD, (database,))[0]
    name = quote_ident(database)
    statements = [f"ALTER DATABASE {name} OWNER TO {quote_ident(owner)}"]
    if limit != -1:
        statements.append(f"ALTER DATABASE {name} CONNECTION LIMIT {int(limit)}")
    if has_rights:
        statements.append(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC, {quote_ident(owner)}")
        statements += [
            f"GRANT {privilege} ON DATABASE {name} TO {quote_ident(role) if role else 'PUBLIC'}"
            + (" WITH GRANT OPTION" if is_grantable else "")
            for role, privilege, is_grantable in session.query(_GRANTS, (database,))
        ]
    if comment is not None:
        statements.append(f"COMMENT ON DATABASE {name} IS {quote_literal(comment)}")
    return (*statements, *(_setting(name, role, text) for role, text in session.query(_CONFIG, (database,))))


def _setting(database: str, role: str, text: str) -> str:
    key, _, value = text.partition("=")
    head = f"ALTER ROLE {quote_ident(role)} IN DATABASE {database}" if role else f"ALTER DATABASE {database}"
    parts = ".".join(quote_ident(part) for part in key.split("."))
    written = value if key.lower() in _LISTS and value else quote_literal(value)
    return f"{head} SET {parts} TO {written}"
