"""The views, triggers, routines and events of a database as statements, to be made again where its tables go.

They do not move with RENAME TABLE: a trigger forbids it, a view cannot leave its database. Texts are without the
database's own name, so that nothing reaches from one database into the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from lockgate.engine.base import Session
from lockgate.engine.mysql.inspect import enter_plain_mode
from lockgate.engine.mysql.inspect_programs import inspect_programs, inspect_views
from lockgate.engine.mysql.lexer import quote_name, quote_string, strip_database
from lockgate.engine.mysql.render_programs import order_definitions, render_definition, surround
from lockgate.engine.mysql.server import identify
from lockgate.errors import BackupFailed, StatementFailed
from lockgate.model.schema import Definition, Schema, Unmanaged

_STATE = re.compile(
    r"(\bON\s+COMPLETION\s+(?:NOT\s+)?PRESERVE\s+)(ENABLE|DISABLE(?:\s+ON\s+(?:SLAVE|REPLICA))?)\b", re.I
)


class Program(msgspec.Struct, frozen=True):
    """One view, trigger, routine or event: its kind and name, and the statements that make it."""

    kind: str
    name: str
    statements: tuple[str, ...]


def read_definitions(session: Session, also_stripped: str = "") -> tuple[Definition, ...]:
    """Read every program of the session's database, ours too, without its name (and another one's) in the texts.

    Raises:
        BackupFailed: One cannot be read, so it could not be made again.
    """
    database = str(session.query("SELECT DATABASE()")[0][0])
    unmanaged: list[Unmanaged] = []
    mode = enter_plain_mode(session)
    try:
        views = session.query("SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()")
        found = inspect_views(session, database, sorted(str(row[0]) for row in views), unmanaged)
        found += inspect_programs(session, identify(session), database, unmanaged)
    finally:
        if mode is not None:
            session.query("SET SESSION sql_mode = %s", (mode,))
    if unmanaged:
        raise BackupFailed(
            "a program of the database cannot be read, so it could not be made again",
            where=database,
            cause="; ".join(f"{item.kind} {item.name}: {item.reason}" for item in unmanaged[:5]),
            state="the live database was not touched",
        )
    if also_stripped:
        found = [msgspec.structs.replace(item, sql=strip_database(item.sql, also_stripped)) for item in found]
    return tuple(found)


def read_programs(session: Session, active: Sequence[str] | None, also_stripped: str = "") -> tuple[Program, ...]:
    """Read every program as statements, in the order in which they can be made.

    Args:
        active: The names of events that are to run; None: as they are.
    """
    server = identify(session)
    found = []
    for item in order_definitions(read_definitions(session, also_stripped)):
        if item.kind == "event" and active is not None:
            item = msgspec.structs.replace(item, sql=with_state(item.sql, item.name in active))
        found.append(Program(item.kind, item.name, surround(item, render_definition(item), server)))
    return tuple(found)


def with_state(sql: str, is_on: bool) -> str:
    """Return an event's text with its state set."""
    return _STATE.sub(lambda match: match.group(1) + ("ENABLE" if is_on else "DISABLE"), sql, count=1)


def is_on(definition: Definition) -> bool:
    """Tell whether a definition is an event that runs."""
    match = _STATE.search(definition.sql)
    return definition.kind == "event" and match is not None and match.group(2).upper() == "ENABLE"


def active_events(schema: Schema) -> tuple[str, ...]:
    """Return the names of the events of a schema that run."""
    return tuple(item.name for item in schema.definitions if is_on(item))


def as_live(found: Schema, stored: Schema, database: str) -> Schema:
    """Return a schema that was loaded beside as it would be read under the live name, its events running as stored."""
    active = active_events(stored)
    definitions = []
    for item in found.definitions:
        sql = strip_database(item.sql, database)
        if item.kind == "event":
            sql = with_state(sql, item.name in active)
        definitions.append(msgspec.structs.replace(item, sql=sql))
    return msgspec.structs.replace(found, definitions=tuple(definitions))


def drop_statements(programs: Iterable[Program], kinds: Sequence[str]) -> list[str]:
    """Return the statements that drop programs of some kinds."""
    return [
        f"DROP {program.kind.upper()} IF EXISTS {quote_name(program.name)}"
        for program in programs
        if program.kind in kinds
    ]


def drop_all(session: Session, kinds: Sequence[str]) -> None:
    """Drop whatever programs of some kinds are in the session's database."""
    for kind, name in list_programs(session):
        if kind in kinds:
            session.execute(f"DROP {kind.upper()} IF EXISTS {quote_name(name)}")


def list_programs(session: Session) -> tuple[tuple[str, str], ...]:
    """Return kind and name of every program of the session's database."""
    rows = session.query(
        "SELECT 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME FROM information_schema.ROUTINES"
        " WHERE ROUTINE_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'view', TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
    )
    return tuple((str(kind), str(name)) for kind, name in rows)


def make_programs(session: Session, programs: Sequence[Program]) -> None:
    """Make programs in the session's database; events come last."""
    for program in sorted(programs, key=lambda item: item.kind == "event"):
        for sql in program.statements:
            session.execute(sql)


def read_grants(session: Session) -> tuple[tuple[str, str, str], ...]:
    """Return the rights on single routines, which go with them when they are dropped: kind, name, statement.

    Empty for a user who may not read them.
    """
    try:
        rows = session.query(
            "SELECT User, Host, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv WHERE Db = DATABASE()"
        )
    except StatementFailed:
        return ()
    found = []
    for user, host, name, kind, rights in rows:
        words = [word.strip().upper() for word in str(rights).split(",") if word.strip()]
        grant = " WITH GRANT OPTION" if "GRANT" in words else ""
        listed = ", ".join(word for word in words if word != "GRANT") or "USAGE"
        account = f"{quote_string(str(user))}@{quote_string(str(host))}"
        found.append(
            (str(kind).lower(), str(name), f"GRANT {listed} ON {kind} {quote_name(str(name))} TO {account}{grant}")
        )
    return tuple(found)
