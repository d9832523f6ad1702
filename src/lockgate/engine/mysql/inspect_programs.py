"""Read views, triggers, routines, events and sequences, each by the server's own text."""

from __future__ import annotations

import re

from lockgate.engine.base import Session
from lockgate.engine.mysql.lexer import OPEN, SPACE, code_tokens, iter_tokens, quote_name, strip_database
from lockgate.errors import StatementFailed
from lockgate.model.schema import Definition, Options, Sequence, Unmanaged
from lockgate.model.server import Server

_DEFINER = re.compile(
    r"^(CREATE\s+(?:OR\s+REPLACE\s+)?(?:ALGORITHM\s*=\s*\w+\s+)?)DEFINER\s*=\s*"
    r"(`(?:[^`]|``)*`@`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"@\"(?:[^\"]|\"\")*\"|\S+)\s+",
    re.I,
)
_ANSI_NAME = re.compile(r'"((?:[^"]|"")*)"')


def split_definer(sql: str) -> tuple[str, str]:
    """Return the CREATE text without its DEFINER clause, and the definer.

    A program that was made under ANSI_QUOTES is shown with double quotes.
    """
    match = _DEFINER.match(sql)
    if match is None:
        return sql, ""
    definer = match.group(2)
    if definer.startswith('"'):
        definer = _ANSI_NAME.sub(lambda name: quote_name(name[1].replace('""', '"')), definer)
    return match.group(1) + sql[match.end() :], definer


def _current_user(session: Session) -> str:
    user = str(session.query("SELECT CURRENT_USER()")[0][0])
    name, _, host = user.rpartition("@")
    return f"{quote_name(name)}@{quote_name(host)}"


def inspect_sequences(session: Session, names: list[str]) -> list[Sequence]:
    """Return the named sequences (MariaDB)."""
    return [_read_sequence(session, name) for name in names]


def _read_sequence(session: Session, name: str) -> Sequence:
    columns = "start_value, minimum_value, maximum_value, increment, cache_size, cycle_option"
    row = session.query(f"SELECT {columns} FROM {quote_name(name)}")[0]
    text = str(session.query(f"SHOW CREATE SEQUENCE {quote_name(name)}")[0][1])
    engine = re.search(r"ENGINE=(\w+)", text)
    type_ = re.search(r"^CREATE SEQUENCE\s+`(?:[^`]|``)*`\s+as\s+(\w+(?: unsigned)?)", text, re.I)
    return Sequence(
        namespace="",
        name=name,
        type=type_.group(1) if type_ else "bigint",
        start=int(row[0]),
        min_value=int(row[1]),
        max_value=int(row[2]),
        increment=int(row[3]),
        cache=int(row[4]),
        is_cycle=bool(row[5]),
        options=(("engine", engine.group(1)),) if engine else (),
    )


def inspect_views(session: Session, database: str, names: list[str], unmanaged: list[Unmanaged]) -> list[Definition]:
    """Return the named views."""
    user = _current_user(session) if names else ""
    result: list[Definition] = []
    for name in names:
        try:
            text = str(session.query(f"SHOW CREATE VIEW {quote_name(name)}")[0][1])
        except StatementFailed as error:
            unmanaged.append(Unmanaged(kind="view", name=name, reason=error.cause))
            continue
        sql, definer = split_definer(strip_database(text, database))
        result.append(Definition(kind="view", namespace="", name=name, sql=sql, options=_definer_option(definer, user)))
    return result


def _definer_option(definer: str, user: str) -> Options:
    """Keep a definer only when it is not the user who inspects: that one comes by itself."""
    return (("definer", definer),) if definer and definer != user else ()


def inspect_programs(session: Session, server: Server, database: str, unmanaged: list[Unmanaged]) -> list[Definition]:
    """Return triggers, routines and events."""
    rows = session.query(
        "SELECT 'TRIGGER', TRIGGER_NAME, EVENT_OBJECT_TABLE,"
        " CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION), ACTION_ORDER"
        " FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME, NULL, '', 0"
        " FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'EVENT', EVENT_NAME, NULL, '', 0"
        " FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
    )
    user = _current_user(session) if rows else ""
    result: list[Definition] = []
    previous: dict[tuple[str, str], str] = {}
    for kind, name, table, moment, _ in sorted(
        rows, key=lambda r: (str(r[0]), str(r[2] or ""), str(r[3]), int(r[4]), str(r[1]))
    ):
        follows = ""
        if kind == "TRIGGER":
            follows = previous.get((str(table), str(moment)), "")
            previous[(str(table), str(moment))] = str(name)
        _read_program(
            session,
            server,
            database,
            str(kind),
            str(name),
            str(table) if table else None,
            follows,
            user,
            result,
            unmanaged,
        )
    return result


_TEXT_COLUMN = {"TRIGGER": (2, 1, 3, 4), "PROCEDURE": (2, 1, 3, 4), "FUNCTION": (2, 1, 3, 4), "EVENT": (3, 1, 4, 5)}


def _read_program(
    session: Session,
    server: Server,
    database: str,
    kind: str,
    name: str,
    table: str | None,
    follows: str,
    user: str,
    result: list[Definition],
    unmanaged: list[Unmanaged],
) -> None:
    if kind not in _TEXT_COLUMN:
        unmanaged.append(Unmanaged(kind=kind.lower(), name=name, reason=f"{kind.lower()} is not modelled"))
        return
    try:
        row = session.query(f"SHOW CREATE {kind} {quote_name(name)}")[0]
    except StatementFailed as error:
        unmanaged.append(Unmanaged(kind=kind.lower(), name=name, reason=error.cause))
        return
    text_at, mode_at, client_at, connection_at = _TEXT_COLUMN[kind]
    if row[text_at] is None:
        unmanaged.append(Unmanaged(kind=kind.lower(), name=name, reason="the user may not read its text"))
        return
    sql, definer = split_definer(str(row[text_at]))
    sql = strip_database(sql, database)
    options = dict(_definer_option(definer, user))
    options["sql_mode"] = str(row[mode_at])
    options["charset_client"] = str(row[client_at])
    options["collation_connection"] = str(row[connection_at])
    if kind == "EVENT":
        options["time_zone"] = str(row[2])
    if kind == "TRIGGER":
        sql = _without_order(sql)
        if follows:
            options["follows"] = follows
    result.append(
        Definition(
            kind=kind.lower(), namespace="", name=name, sql=sql, table=table, options=tuple(sorted(options.items()))
        )
    )


def _without_order(sql: str) -> str:
    """Remove FOLLOWS/PRECEDES from a trigger's header: the order stands in the options."""
    tokens = list(iter_tokens(sql))
    code = [i for i, t in enumerate(tokens) if t.kind not in (SPACE, OPEN)]
    for n in range(min(len(code) - 4, 24)):
        words = [tokens[code[n + k]].upper for k in range(4)]
        if words[:3] == ["FOR", "EACH", "ROW"]:
            if words[3] in ("FOLLOWS", "PRECEDES"):
                start, end = tokens[code[n + 3]].start, tokens[code[n + 4]].end
                return sql[:start] + sql[end:].lstrip()
            return sql
    return sql


def names_in(sql: str) -> frozenset[str]:
    """Return every identifier of a text, for finding what it depends on."""
    return frozenset(t.text.strip("`").replace("``", "`") for t in code_tokens(sql) if t.kind in ("name", "word"))
