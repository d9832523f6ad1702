"""The server's own dump of the schema as sorted statements: a witness that shares no query with inspection."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from lockgate.engine.base import Session
from lockgate.engine.postgres.catalogue import OWN_SCHEMA
from lockgate.engine.postgres.split import split_sql
from lockgate.errors import StatementFailed
from lockgate.model.server import Server
from lockgate.model.target import Target

_TIMEOUT_S = 600
_LOCK_WAIT_MS = 30_000
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
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
    program = find_pg_dump(server.version[0])
    if program is None:
        return None
    return normalize_dump(_run_pg_dump(program, session.target))


def find_pg_dump(major: int) -> str | None:
    """Return the oldest pg_dump on this machine that can read a server of this major version."""
    found = [(version, path) for path, version in _pg_dumps() if version >= major]
    return min(found)[1] if found else None


@lru_cache(maxsize=1)
def _pg_dumps() -> tuple[tuple[str, int], ...]:
    found = []
    for path in _candidates():
        try:
            text = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
        except (OSError, subprocess.TimeoutExpired):
            continue
        match = _VERSION.search(text)
        if match is not None:
            found.append((path, int(match[1])))
    return tuple(found)


def _candidates() -> Iterator[str]:
    named = shutil.which("pg_dump")
    if named is not None:
        yield named
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lockgate" / "servers"
    for folder, pattern in ((Path("/usr/lib/postgresql"), "*/bin/pg_dump"), (cache, "*/bin/pg_dump")):
        if folder.is_dir():
            yield from (str(path) for path in sorted(folder.glob(pattern)))


def _run_pg_dump(program: str, target: Target) -> str:
    environment = dict(os.environ, PGAPPNAME="lockgate", PGCLIENTENCODING="UTF8", PGTZ="UTC", PGCONNECT_TIMEOUT="10")
    environment.pop("PGOPTIONS", None)
    password = target.password or target.param("password")
    arguments = [program, "--schema-only", "--no-owner", "--no-password", f"--exclude-schema={OWN_SCHEMA}"]
    arguments.append(f"--lock-wait-timeout={_LOCK_WAIT_MS}")
    arguments += ["-d", _connection_text(target)]
    with _open_passfile(password) as (name, descriptors):
        if name:
            environment["PGPASSFILE"] = name
            environment.pop("PGPASSWORD", None)
        try:
            done = subprocess.run(
                arguments, capture_output=True, text=True, encoding="utf-8", timeout=_TIMEOUT_S, env=environment,
                stdin=subprocess.DEVNULL, check=False, pass_fds=descriptors,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StatementFailed("pg_dump could not be run", cause=type(error).__name__) from None
    if done.returncode:
        words = " ".join(done.stderr.split())[:600]
        raise StatementFailed("pg_dump failed", cause=words.replace(password, "***") if password else words)
    return done.stdout


@contextmanager
def _open_passfile(password: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Give a password file's name and the descriptors the client inherits; an empty name when there is no password.

    It is a file in memory where the system has such, so that not even a killed run leaves it behind; elsewhere a file
    only this user can read. libpq wants a plain file that nobody else may read (manual, "The Password File").
    """
    if not password:
        yield "", ()
        return
    line = "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n"
    if hasattr(os, "memfd_create") and os.path.isdir("/dev/fd"):
        descriptor = os.memfd_create("lockgate", 0)
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, line.encode())
            yield f"/dev/fd/{descriptor}", (descriptor,)
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile("w", prefix="lockgate-", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        yield file.name, ()


def _connection_text(target: Target) -> str:
    """Return a libpq connection string without the password."""
    words = dict(target.params)
    words.pop("password", None)
    words.setdefault("host", target.host)
    words.setdefault("port", str(target.port))
    if target.user:
        words["user"] = target.user
    words["dbname"] = target.database or target.user
    return " ".join(f"{name}='{_escape(value)}'" for name, value in words.items() if value)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


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
