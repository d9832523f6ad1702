"""Look for what forbids a dump of a PostgreSQL database, or makes it less than the whole, before it is begun."""

from __future__ import annotations

from lockgate.engine.backup import DumpOptions, Preflight, What
from lockgate.engine.base import Session
from lockgate.engine.client.child import Call, run_client
from lockgate.engine.client.find import ENV_NAME, ClientProgram
from lockgate.engine.postgres.backup_toc import live_tables
from lockgate.engine.postgres.client import Login, find_program, need_beside, need_program, open_login
from lockgate.errors import BackupFailed
from lockgate.model.backup import Tool
from lockgate.model.server import Server
from lockgate.model.target import Target

_MOST_NAMED = 5
_SETS_TRANSACTION_TIMEOUT = 17
_FROM = """
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(toast_)?temp_'
"""
_NAME = "n.nspname || '.' || c.relname"
_UNREADABLE = f"""
SELECT {_NAME} {_FROM} AND (
    NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    OR c.relkind IN ('r', 'p') AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
    OR c.relkind = 'S' AND NOT pg_catalog.has_sequence_privilege(c.oid, 'SELECT'))
  AND c.relkind IN ('r', 'p', 'S') ORDER BY 1
"""
_ROW_SECURED = (
    f"SELECT {_NAME} {_FROM} AND c.relkind IN ('r', 'p') AND pg_catalog.row_security_active(c.oid) ORDER BY 1"
)
_FOREIGN = f"SELECT {_NAME} {_FROM} AND c.relkind = 'f' ORDER BY 1"
_UNLOGGED = f"SELECT {_NAME} {_FROM} AND c.relkind = 'r' AND c.relpersistence = 'u' ORDER BY 1"
_INVALID = f"""
SELECT {_NAME} {_FROM} AND c.relkind = 'i'
  AND EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indexrelid = c.oid AND NOT x.indisvalid) ORDER BY 1
"""
_LARGE = """
SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata m
WHERE NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (
    SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
      AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
"""
_SUBSCRIPTIONS = """
SELECT pg_catalog.count(s.oid) FROM pg_catalog.pg_subscription s
JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()
"""
_SIZE = (
    f"SELECT coalesce(pg_catalog.sum(pg_catalog.pg_table_size(c.oid)), 0)::bigint {_FROM} AND c.relkind IN ('r', 'm')"
)
_LARGE_SIZE = "SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')"


def preflight(session: Session, server: Server, what: What, options: DumpOptions) -> Preflight:
    """Look for missing programs and rights, rows that are elsewhere, and how much there is.

    Raises:
        ConfigError: pg_dump or pg_restore is missing or too old.
        LockTimeout: Somebody holds a table alone.
    """
    pg_dump = need_program("pg_dump", server.version[0], session.target)
    tools = [pg_dump, need_beside(pg_dump, "pg_restore")]
    pg_dumpall = find_program("pg_dumpall", server.version[0], session.target)
    warnings = [_globals_problem(session.target, pg_dumpall)]
    if pg_dumpall is not None and not warnings[0]:
        tools.append(pg_dumpall)
    if pg_dump.version[0] > server.version[0]:
        warnings.append(
            f"it was written by pg_dump {pg_dump.version_text}, newer than the server, and needs such a pg_restore"
        )
    session.set_limits(options.lock_ms, 0)  # a table's size is only told when nobody holds it alone
    try:
        return Preflight(
            problems=(*_tool_problems(pg_dump, server), *_problems(session, what)),
            warnings=tuple(text for text in (*warnings, *_warnings(session)) if text),
            bytes=_size(session, what),
            tools=tuple(Tool(name=program.name, version=program.version_text) for program in tools),
        )
    finally:
        session.set_limits(0, 0)


def _tool_problems(pg_dump: ClientProgram, server: Server) -> list[str]:
    """pg_restore 17 and newer begins with a setting that older servers do not know, which is an error (see its source,
    _doSetFixedOutputState)."""
    if pg_dump.version[0] < _SETS_TRANSACTION_TIMEOUT or server.version[0] >= _SETS_TRANSACTION_TIMEOUT:
        return []
    major = server.version[0]
    return [
        f"what pg_dump {pg_dump.version_text} writes cannot be loaded into PostgreSQL {major} without an error; "
        f"install the package postgresql-client-{major}, or name its folder in {ENV_NAME}"
    ]


def _problems(session: Session, what: What) -> list[str]:
    found = []
    if names := _names(session, _UNREADABLE):
        found.append(f"this user may not read {names}")
    if names := _names(session, _ROW_SECURED):
        found.append(f"row security hides rows of {names} from this user (BYPASSRLS or the owner sees them)")
    if not _is_superuser(session) and (count := session.query(_LARGE)[0][0]):
        found.append(f"this user may not read {count} large objects")
    if session.query("SELECT pg_catalog.pg_is_in_recovery()")[0][0] and (names := _names(session, _UNLOGGED)):
        found.append(f"the server is a standby, which has no rows of the unlogged {names}")
    if what.tables is not None:
        there = {path for table in live_tables(session).values() for path in table.paths}
        there |= {row[0] for row in session.query(f"SELECT {_NAME} {_FROM} AND c.relkind = 'p'")}
        gone = sorted(key.path for key in what.tables if key.path not in there)
        found += [f"there is no table {name}" for name in gone]
    return found


def _warnings(session: Session) -> list[str]:
    found = []
    if names := _names(session, _FOREIGN):
        found.append(f"the rows of foreign tables are elsewhere and not in it: {names}")
    if names := _names(session, _INVALID):
        found.append(f"pg_dump leaves out invalid indexes: {names}; drop or rebuild them")
    if not _is_superuser(session) and session.query(_SUBSCRIPTIONS)[0][0]:
        found.append("subscriptions are not in it: only a superuser may read them")
    return found


def _globals_problem(target: Target, program: ClientProgram | None) -> str:
    """Return why roles and tablespaces cannot be written down; empty when they can."""
    if program is None:
        return "roles and tablespaces are not in it: there is no pg_dumpall of the server's version"
    with open_login(target) as login:
        try:
            run_client(globals_call(program, login, target))
        except BackupFailed as error:
            return f"roles and tablespaces are not in it: {error.cause}"
    return ""


def globals_call(program: ClientProgram, login: Login, target: Target) -> Call:
    """Return the call that prints the server's roles (without passwords) and tablespaces."""
    database = target.database or target.user
    words = ("--globals-only", "--no-role-passwords", "--no-password", "-l", database, "-d", login.connection)
    return login.call(program, *words)


def _names(session: Session, sql: str) -> str:
    names = [str(row[0]) for row in session.query(sql)]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _is_superuser(session: Session) -> bool:
    return bool(session.query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")[0][0])


def _size(session: Session, what: What) -> int:
    if not what.has_rows:
        return 1 << 20
    size = int(session.query(_SIZE)[0][0])
    return size if what.tables is not None else size + int(session.query(_LARGE_SIZE)[0][0])
