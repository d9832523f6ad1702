"""What is in a database and what the user may see of it: what a dump must hold, and what would be missing in it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from lockgate.engine.backup import DumpOptions, Preflight, What
from lockgate.engine.base import Session
from lockgate.engine.mysql.backup_tools import find_tools, keeps_history
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import is_mariadb
from lockgate.errors import StatementFailed
from lockgate.model.backup import Tool
from lockgate.model.server import Server

_SNAPSHOT_ENGINES = ("innodb", "rocksdb", "tokudb")
_GRANT = re.compile(r"^GRANT (?P<rights>.+?) ON (?P<level>.+?) TO ", re.I | re.S)


@dataclass(frozen=True)
class Entry:
    """A base table: its storage engine and estimated bytes."""

    name: str
    engine: str
    bytes: int
    is_versioned: bool = False

    @property
    def has_snapshot(self) -> bool:
        """Whether a transaction sees it as of its start."""
        return self.engine.lower() in _SNAPSHOT_ENGINES


@dataclass(frozen=True)
class Contents:
    """The objects of a database by name, ours too; ``definers`` as SQL writes them."""

    tables: tuple[Entry, ...]
    views: tuple[str, ...]
    sequences: tuple[str, ...]
    triggers: tuple[str, ...]
    routines: tuple[str, ...]
    events: tuple[str, ...]
    definers: tuple[str, ...]


def read_contents(session: Session) -> Contents:
    """Read the catalogue of the session's database."""
    tables, others = [], {"VIEW": list[str](), "SEQUENCE": list[str]()}
    rows = session.query(
        "SELECT TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, ''), COALESCE(DATA_LENGTH, 0) FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME"
    )
    for name, type_, engine, size in rows:
        if str(type_) in others:
            others[str(type_)].append(str(name))
        else:
            tables.append(Entry(str(name), str(engine), int(size), "VERSIONED" in str(type_)))
    programs = session.query(
        "SELECT 'trigger', TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'routine', ROUTINE_NAME, DEFINER FROM information_schema.ROUTINES"
        " WHERE ROUTINE_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'event', EVENT_NAME, DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'view', TABLE_NAME, DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
    )
    named: dict[str, list[str]] = {"trigger": [], "routine": [], "event": [], "view": []}
    for kind, name, _ in programs:
        named[str(kind)].append(str(name))
    return Contents(
        tables=tuple(tables),
        views=tuple(others["VIEW"]),
        sequences=tuple(others["SEQUENCE"]),
        triggers=tuple(sorted(named["trigger"])),
        routines=tuple(sorted(named["routine"])),
        events=tuple(sorted(named["event"])),
        definers=tuple(sorted({quote_account(str(definer)) for *_, definer in programs if definer})),
    )


def show_fresh_statistics(session: Session) -> None:
    """Have the catalogue tell sizes as they are, where it would tell those of yesterday (MySQL)."""
    with suppress(StatementFailed):
        session.execute("SET SESSION information_schema_stats_expiry = 0")


def read_catalogue(session: Session) -> frozenset[tuple[str, ...]]:
    """Return what any DDL on a table changes: its columns, and when the server made it."""
    rows = session.query(
        "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_TIME, '' FROM information_schema.TABLES"
        " WHERE TABLE_SCHEMA = DATABASE()"
        " UNION ALL SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, ORDINAL_POSITION, EXTRA"
        " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    )
    return frozenset(tuple(map(str, row)) for row in rows)


def quote_account(text: str) -> str:
    """Return ``user@host`` as SHOW CREATE writes it; a role has no host."""
    name, mark, host = text.rpartition("@")
    return f"{quote_name(name)}@{quote_name(host)}" if mark else quote_name(text)


def current_account(session: Session) -> str:
    """Return the account we are, as SHOW CREATE writes it."""
    return quote_account(str(session.query("SELECT CURRENT_USER()")[0][0]))


def chosen_tables(contents: Contents, what: What) -> tuple[Entry, ...]:
    """Return the tables whose rows are dumped."""
    if not what.has_rows:
        return ()
    if what.tables is None:
        return contents.tables
    wanted = {key.name for key in what.tables}
    return tuple(table for table in contents.tables if table.name in wanted)


def preflight(session: Session, server: Server, what: What, options: DumpOptions) -> Preflight:
    """Look for what forbids a dump or what it cannot carry; see `lockgate.engine.backup.BackupDialect`."""
    tools = find_tools(server, session.target)
    show_fresh_statistics(session)
    contents = read_contents(session)
    tables = chosen_tables(contents, what)
    problems = list(_missing_rights(session, server, contents))
    if what.tables is not None:
        known = {table.name for table in contents.tables}
        problems += [f"there is no table {key.name}" for key in what.tables if key.name not in known]
    warnings = list(_odd_tables(session, tables))
    if any(table.is_versioned for table in tables):
        if not keeps_history(tools.dump, server):
            problems.append("system-versioned tables have a past that can be dumped with MariaDB 10.11 and later only")
        names = ", ".join(table.name for table in tables if table.is_versioned)
        warnings.append(f"the rows of {names}, past ones too, are in the backup and are not compared (versioned)")
    if options.tool and options.tool not in (tools.dump.name, "mysqldump", "mariadb-dump"):
        warnings.append(f"{options.tool} is not used: {tools.dump.name} dumps in parallel here")
    lossy = _lossy(session, tables)
    if lossy:
        names = ", ".join(f"{table}.{column}" for table, columns in lossy for column in columns)
        warnings.append(f"FLOAT columns keep six digits only in a dump: {names}")
    return Preflight(
        problems=tuple(problems),
        warnings=tuple(warnings),
        bytes=sum(table.bytes for table in tables),
        tools=(Tool(name=tools.dump.name, version=tools.dump.version_text),),
        lossy=lossy,
    )


# rights


def read_rights(session: Session) -> tuple[set[str], set[str], str]:
    """Return the user's rights on everything and on this database, in capitals, and all grants as one text.

    Rights of roles count when they are active; those on single tables do not, for they leave others out.
    """
    database = str(session.query("SELECT DATABASE()")[0][0])
    rows = session.query("SHOW GRANTS")
    try:
        role = str(session.query("SELECT CURRENT_ROLE()")[0][0] or "NONE")
        if role != "NONE":
            rows += session.query(f"SHOW GRANTS FOR CURRENT_USER() USING {role}")
    except StatementFailed:
        pass  # MariaDB shows the current role's grants with the user's
    everywhere: set[str] = set()
    here: set[str] = set()
    texts = [str(row[0]) for row in rows]
    for text in texts:
        match = _GRANT.match(text)
        if match is None:
            continue
        rights = {right.strip().upper() for right in match["rights"].split(",")}
        if match["level"] == "*.*":
            everywhere |= rights
        elif _covers(match["level"], database):
            here |= rights
    return everywhere, here, "\n".join(texts)


def _covers(level: str, database: str) -> bool:
    """Tell whether the level of a grant is this database, or a pattern that fits it."""
    match = re.fullmatch(r"`((?:[^`]|``)*)`\.\*", level)
    if match is None:
        return False
    pattern = match[1].replace("``", "`")
    if pattern == database:
        return True
    parts = re.split(r"(\\.|[%_])", pattern)
    expression = "".join(
        ".*" if part == "%" else "." if part == "_" else re.escape(part[1:] if part.startswith("\\") else part)
        for part in parts
    )
    return re.fullmatch(expression, database, re.I | re.S) is not None


def has_right(rights: set[str], *names: str) -> bool:
    """Tell whether one of the rights is among some; ALL is every one."""
    return bool(rights & {"ALL", "ALL PRIVILEGES", *names})


def _missing_rights(session: Session, server: Server, contents: Contents) -> list[str]:
    """Name rights without which the dump programs leave things out, and say nothing."""
    everywhere, here, grants = read_rights(session)
    either = everywhere | here
    database = quote_name(str(session.query("SELECT DATABASE()")[0][0]))
    missing = [
        f"the user lacks {right} on {database}.*: {what} would be missing from the dump"
        for right, what in (("SELECT", "tables"), ("TRIGGER", "triggers"), ("EVENT", "events"))
        if not has_right(either, right)
    ]
    if contents.views and not has_right(either, "SHOW VIEW"):
        missing.append(f"the user lacks SHOW VIEW on {database}.*: views would be missing from the dump")
    if is_mariadb(server):
        may_read = (
            has_right(everywhere, "SELECT") or "ON `mysql`." in grants or has_right(either, "SHOW CREATE ROUTINE")
        )
        if not may_read:
            missing.append("the user lacks SELECT on mysql.proc: routines would be missing from the dump")
    elif not has_right(everywhere, "SELECT", "SHOW_ROUTINE") and "SHOW_ROUTINE" not in grants:
        missing.append("the user lacks SHOW_ROUTINE on *.*: routines would be missing from the dump")
    return missing


# what a dump cannot carry


def _odd_tables(session: Session, tables: tuple[Entry, ...]) -> list[str]:
    found = []
    odd = [f"{table.name} ({table.engine})" for table in tables if not table.has_snapshot]
    if odd:
        found.append(f"tables without snapshots, which must not change while they are dumped: {', '.join(odd)}")
    rows = session.query(
        "SELECT t.TABLE_NAME FROM information_schema.TABLES t LEFT JOIN information_schema.TABLE_CONSTRAINTS c"
        " ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY'"
        " WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE LIKE '%%TABLE%%' AND c.CONSTRAINT_NAME IS NULL"
        " ORDER BY 1".replace("%%", "%")
    )
    names = {table.name for table in tables}
    bare = [str(name) for (name,) in rows if str(name) in names]
    if bare:
        found.append(f"tables without a primary key, whose rows come back in no certain order: {', '.join(bare)}")
    return found


def _lossy(session: Session, tables: tuple[Entry, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the FLOAT columns: dump programs write six digits of them (measured: 16777217 becomes 16777200)."""
    rows = session.query(
        "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE = 'float' AND COALESCE(GENERATION_EXPRESSION, '') = ''"
        " ORDER BY TABLE_NAME, ORDINAL_POSITION"
    )
    names = {table.name for table in tables}
    found: dict[str, list[str]] = {}
    for table, column in rows:
        if str(table) in names:
            found.setdefault(str(table), []).append(str(column))
    return tuple((table, tuple(columns)) for table, columns in found.items())
