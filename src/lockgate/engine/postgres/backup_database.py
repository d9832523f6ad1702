"""What belongs to a database itself and is in no dump of it: its settings, its privileges, its comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.engine.base import Session
from lockgate.engine.postgres.quote import quote_ident, quote_literal
from lockgate.engine.postgres.split import split_sql

FILE = "database.sql"
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
"""Settings that are lists of names, each quoted by itself (variable_is_guc_list_quote, dumputils.c)."""
_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)')
_SETTINGS = """
SELECT r.rolname, c.setting FROM pg_catalog.pg_db_role_setting s
JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole,
pg_catalog.unnest(s.setconfig) AS c(setting)
WHERE d.datname = pg_catalog.current_database() AND (s.setrole = 0 OR r.oid IS NOT NULL) ORDER BY 1 NULLS FIRST, 2
"""
_PRIVILEGES = """
SELECT coalesce(r.rolname, ''), a.privilege_type, a.is_grantable FROM pg_catalog.pg_database d,
pg_catalog.aclexplode(d.datacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE d.datname = pg_catalog.current_database() AND (a.grantee = 0 OR r.oid IS NOT NULL) ORDER BY 1, 2
"""
_OTHER = """
SELECT pg_catalog.current_database(), d.datacl IS NOT NULL, pg_catalog.shobj_description(d.oid, 'pg_database')
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
"""


def render_database(session: Session) -> str:
    """Write the statements that give another database the settings, privileges and comment of this one; often none."""
    return "".join(f"{statement};\n" for statement in _statements(session))


def _statements(session: Session) -> Iterator[str]:
    name, has_privileges, comment = session.query(_OTHER)[0]
    database = f"DATABASE {quote_ident(name)}"
    for role, setting in session.query(_SETTINGS):
        variable, _, value = setting.partition("=")
        written = _write_list(value) if variable in _LISTS else quote_literal(value)
        who = f"ROLE {quote_ident(role)} IN {database}" if role else database
        yield f"ALTER {who} SET {quote_variable(variable)} TO {written}"
    if comment is not None:
        yield f"COMMENT ON {database} IS {quote_literal(comment)}"
    if has_privileges:
        yield f"REVOKE ALL ON {database} FROM PUBLIC"
        for role, privilege, is_grantable in session.query(_PRIVILEGES):
            who = quote_ident(role) if role else "PUBLIC"
            yield f"GRANT {privilege} ON {database} TO {who}{' WITH GRANT OPTION' if is_grantable else ''}"


def _write_list(value: str) -> str:
    """Write a stored list of names as literals: ``"$user", public`` as ``'$user', 'public'``."""
    names, at = [], 0
    while at < len(value):
        match = _NAME.match(value, at)
        if match is None or match.end() == at:
            return quote_literal(value)
        names.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        at = match.end()
    return ", ".join(map(quote_literal, names)) or "''"


def quote_variable(name: str) -> str:
    """Quote the name of a setting, which may have a prefix."""
    return ".".join(map(quote_ident, name.split(".")))


def apply_database(session: Session, text: str, original: str) -> None:
    """Run what `render_database` wrote for a database of another name on this session's own.

    Raises:
        StatementFailed: The server refuses one.
    """
    name = str(session.query("SELECT pg_catalog.current_database()")[0][0])
    for statement in split_sql(text):
        session.execute(
            statement.text.replace(f"DATABASE {quote_ident(original)} ", f"DATABASE {quote_ident(name)} ", 1)
        )
