"""The server's own dump, normalised and sorted: SHOW CREATE of everything; an independent witness for proofs.

It shares no parsing with the inspection: texts are compared as they are, but for what is data (AUTO_INCREMENT), who
made them (DEFINER) and the database's own name.
"""

from __future__ import annotations

import re

from lockgate.engine.base import Session
from lockgate.errors import StatementFailed
from lockgate.model.server import Server

_OWN = re.compile(r"(?:(?:UNIQUE )?KEY )?`lockgate_")
_SHOWN = {"TRIGGER": 2, "PROCEDURE": 2, "FUNCTION": 2, "EVENT": 3}


def dump_schema(session: Session, server: Server) -> tuple[str, ...]:
    """Return one normalised text for each object of the session's database, sorted; ours are left out."""
    database = str(session.query("SELECT DATABASE()")[0][0])
    own = "`" + database.replace("`", "``") + "`."
    texts: list[str] = []
    tables = session.query(
        "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
    )
    for name, type_ in tables:
        if str(name).lower().startswith("lockgate_"):
            continue
        kind = {"VIEW": "VIEW", "SEQUENCE": "SEQUENCE"}.get(str(type_), "TABLE")
        texts.append(_table_text(_show(session, kind, str(name), 1), kind).replace(own, ""))
    programs = session.query(
        "SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        " UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES"
        " WHERE ROUTINE_SCHEMA = DATABASE()"
        " UNION ALL SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
    )
    for kind, name in programs:
        if not str(name).lower().startswith("lockgate_"):
            texts.append(_anonymous(_show(session, str(kind), str(name), _SHOWN.get(str(kind), 2))).replace(own, ""))
    return tuple(sorted(texts))


def _show(session: Session, kind: str, name: str, column: int) -> str:
    quoted = "`" + name.replace("`", "``") + "`"
    try:
        return str(session.query(f"SHOW CREATE {kind} {quoted}")[0][column])
    except StatementFailed as error:
        return f"{kind} {quoted}: {error.cause}"


def _anonymous(text: str) -> str:
    return re.sub(r"\bDEFINER\s*=\s*(`(?:[^`]|``)*`@`(?:[^`]|``)*`|\S+) ", "", text, count=1)


def _table_text(text: str, kind: str) -> str:
    if kind == "VIEW":
        return _anonymous(text)
    if kind == "SEQUENCE":
        return text
    head, *lines = text.split("\n")
    end = next((i for i, line in enumerate(lines) if line.startswith(")")), None)
    if end is None:
        return text
    body = (line.strip().rstrip(",").replace(" USING BTREE", "") for line in lines[:end])
    kept = sorted(line for line in body if not _OWN.match(line))
    tail = "\n".join(lines[end:])
    tail = re.sub(r" AUTO_INCREMENT=\d+", "", tail, count=1)
    return head + "\n" + "\n".join(kept) + "\n" + tail
