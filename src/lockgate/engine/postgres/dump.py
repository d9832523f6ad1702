"""The server's own dump of the schema as sorted statements: a witness that shares no query with inspection."""

from __future__ import annotations

import re
from dataclasses import replace

from lockgate.engine.base import Session
from lockgate.engine.client.child import capture_client
from lockgate.engine.client.find import ClientProgram
from lockgate.engine.postgres.catalogue import OWN_SCHEMA
from lockgate.engine.postgres.client import find_program, open_login
from lockgate.engine.postgres.split import split_sql
from lockgate.errors import BackupFailed, StatementFailed
from lockgate.model.server import Server
from lockgate.model.target import Target

_TIMEOUT_S = 600
_MOST_BYTES = 1 << 28
_LOCK_WAIT_MS = 30_000
_META = re.compile(r"^\\(?:un)?restrict\b.*$", re.M)
_NOISE = re.compile(r"(?:SET |SELECT pg_catalog\.set_config\()")
_DEFAULT_TABLESPACE = re.compile(r"SET default_tablespace = (.*)\Z", re.S)
_ACCESS_METHOD = re.compile(r"SET default_table_access_method = (.*)\Z", re.S)
_STORED = re.compile(r"CREATE (?:UNLOGGED )?(?:TABLE|MATERIALIZED VIEW)\b")
_TABLE = re.compile(r"(CREATE (?:UNLOGGED |FOREIGN )?TABLE [^(]*\()\n(.*)\n(\)[^\n]*.*)\Z", re.S)
_PLPGSQL = re.compile(r"(?:CREATE EXTENSION IF NOT EXISTS|COMMENT ON EXTENSION) plpgsql\b")
_EXTENSION = re.compile(r"CREATE EXTENSION (?:IF NOT EXISTS )?(\S+)")
_EXTENSION_COMMENT = re.compile(r"COMMENT ON EXTENSION (\S+) IS")
_OWN_COLUMN = re.compile(r'\s*(?:CONSTRAINT )?"?lockgate_p\d+_')
_OWN_NAME = re.compile(r'\blockgate_p\d+_|(?<![\w"])"?lockgate"?\.|SCHEMA lockgate\b')


def dump_schema(session: Session, server: Server) -> tuple[str, ...] | None:
    """Return the normalised dump, or None when there is no pg_dump of the server's version or newer.

    Each statement is on its own, the columns of tables sorted; Lockgate's own objects, session settings and plpgsql
    are left out.

    Raises:
        StatementFailed: pg_dump refuses; its words are the cause.
    """
    program = find_program("pg_dump", server.version[0], session.target)
    if program is None:
        return None
    return normalize_dump(_run_pg_dump(program, session.target))


def _run_pg_dump(program: ClientProgram, target: Target) -> str:
    arguments = ("--schema-only", "--no-owner", "--no-password", f"--exclude-schema={OWN_SCHEMA}")
    with open_login(target) as login:
        call = login.call(program, *arguments, f"--lock-wait-timeout={_LOCK_WAIT_MS}", "-d", login.connection)
        try:
            return capture_client(replace(call, idle_s=_TIMEOUT_S), most=_MOST_BYTES).decode()
        except BackupFailed as error:
            raise StatementFailed(error.what, cause=error.cause) from None


def normalize_dump(text: str) -> tuple[str, ...]:
    """Split pg_dump's text into statements, leave out what is not schema, sort columns, sort all."""
    found: list[str] = []
    parked: set[str] = set()
    tablespace = method = ""
    for statement in split_sql(_META.sub("", text)):
        sql = statement.text
        if (match := _DEFAULT_TABLESPACE.match(sql)) is not None:
            tablespace = match[1].strip("'\"")
        elif (match := _ACCESS_METHOD.match(sql)) is not None:
            method = match[1]
        if _NOISE.match(sql) or _PLPGSQL.match(sql):
            continue
        cleaned = _sort_columns(sql)
        if _OWN_NAME.search(cleaned):
            if (extension := _EXTENSION.match(sql)) is not None:
                parked.add(extension[1])
            continue
        if tablespace and (_STORED.match(sql) or sql.startswith("CREATE INDEX")):
            cleaned += f" -- tablespace {tablespace}"
        if method not in ("", "heap") and _STORED.match(sql):
            cleaned += f" -- access method {method}"
        found.append(cleaned)
    return tuple(sorted(sql for sql in found if not _is_of_parked(sql, parked)))


def _is_of_parked(sql: str, parked: set[str]) -> bool:
    """Tell the comment of an extension that is parked: pg_dump does not say there which schema it is in."""
    match = _EXTENSION_COMMENT.match(sql)
    return match is not None and match[1] in parked


def _sort_columns(sql: str) -> str:
    match = _TABLE.match(sql)
    if match is None:
        return sql
    lines = [line.strip().removesuffix(",") for line in match[2].split(",\n")]
    kept = sorted(line for line in lines if not _OWN_COLUMN.match(line))
    return f"{match[1]} {', '.join(kept)} {match[3]}"
