"""Reads what a database says was applied, from each tool's own table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lockgate.engine.base import Engine, Session
from lockgate.model.finding import Finding
from lockgate.model.schema import Schema, Table
from lockgate.source.migrations import rules
from lockgate.source.migrations.flyway import format_version, parse_version
from lockgate.source.migrations.folder import Tool

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Applied:
    """One applied migration.

    ``id`` is what the tool calls it, empty where it keeps none (Drizzle's journal); ``hash`` and ``when`` as recorded.
    ``is_newest``: the tool keeps only the newest one, and what is older counts as applied. ``covers``: a baseline,
    which stands for all versions up to its own.
    """

    id: str
    hash: str = ""
    when: int = -1
    is_failed: bool = False
    is_newest: bool = False
    covers: str = ""


@dataclass(frozen=True)
class History:
    """What the database says. ``table`` is empty when the tool has none there; ``findings`` are on unreadable rows."""

    table: str = ""
    applied: tuple[Applied, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: int = 0


def read_history(tool: Tool, live: Schema, session: Session, engine: Engine) -> History:
    """Read the tool's table, when there is one."""
    table = find_table(tool, live)
    if table is None:
        return History()
    columns, order, read = _READERS[tool.history]
    shown = f"{table.namespace}.{table.name}" if table.namespace else table.name
    present = {column.name for column in table.columns}
    missing = [name.rstrip("?") for name in columns if not name.endswith("?") and name not in present]
    if missing:
        message = f"{shown} has no column {', '.join(missing)}, so it is not {tool.title}'s table as Lockgate knows it"
        return History(shown, findings=(rules.HISTORY_UNREADABLE.found(message, object=shown),))
    wanted = [engine.quote(n.rstrip("?")) if n.rstrip("?") in present else "NULL" for n in columns]
    name = engine.quote(table.name)
    place = f"{engine.quote(table.namespace)}.{name}" if table.namespace else name
    ordered = f" ORDER BY {engine.quote(order)}" if order in present else ""
    rows = session.query(f"SELECT {', '.join(wanted)} FROM {place}{ordered}")
    found: list[Applied] = []
    findings: list[Finding] = []
    for entry in read(rows):
        if isinstance(entry, str):
            findings.append(rules.HISTORY_UNREADABLE.found(f"{shown}: {entry}", object=shown))
        else:
            found.append(entry)
    return History(shown, tuple(found), tuple(findings), len(rows))


def find_table(tool: Tool, live: Schema) -> Table | None:
    """Return the tool's table in the live schema."""
    for wanted in tool.tables:
        for table in live.tables:
            if wanted in (table.name, f"{table.namespace}.{table.name}"):
                return table
    return None


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.hex()
    return "" if value is None else str(value)


def _number(value: object) -> int | None:
    try:
        return int(_text(value).partition(".")[0])
    except ValueError:
        return None


def _drizzle(rows: Rows) -> list[Applied | str]:
    found: list[Applied | str] = []
    for name, hash_, created_at in rows:
        when = _number(created_at)
        if when is None:
            found.append(f"the row with the hash {_text(hash_)[:12]} has no time in created_at")
        else:
            found.append(Applied(_text(name), hash=_text(hash_), when=when))
    return found


def _drizzle_journal(rows: Rows) -> list[Applied | str]:
    return _drizzle([(None, *row[1:]) for row in rows])


def _flyway(rows: Rows) -> list[Applied | str]:
    """Follow the rows in the order they came: undone and deleted ones are gone, a repeatable's last run counts."""
    found: dict[str, Applied] = {}
    problems: list[Applied | str] = []
    for version, description, kind, checksum, success in rows:
        kind = _text(kind).upper()
        if kind == "SCHEMA":
            continue
        text = _text(version)
        try:
            number = format_version(parse_version(text)) if text else ""
        except ValueError:
            problems.append(f"the version {text!r} is none that can be read")
            continue
        id_ = number or f"R {_text(description)}"
        if kind.startswith("UNDO") or kind == "DELETE":
            found.pop(id_, None)
            continue
        is_baseline = kind in ("BASELINE", "SQL_BASELINE")
        id_ = f"B{number}" if kind == "SQL_BASELINE" else id_
        found[id_] = Applied(
            id_,
            hash="" if kind == "BASELINE" else _text(checksum),
            is_failed=not success,
            covers=number if is_baseline else "",
        )
    return [*found.values(), *problems]


def _one_version(rows: Rows) -> list[Applied | str]:
    return [Applied(_text(version), is_failed=bool(dirty), is_newest=True) for version, dirty in rows]


def _goose(rows: Rows) -> list[Applied | str]:
    state = {_text(version): bool(is_applied) for version, is_applied in rows}
    return [Applied(version) for version, is_applied in state.items() if is_applied and version != "0"]


def _versions(rows: Rows) -> list[Applied | str]:
    return [Applied(_text(row[0])) for row in rows]


def _prisma(rows: Rows) -> list[Applied | str]:
    return [
        Applied(_text(name), hash=_text(checksum), is_failed=finished is None)
        for name, checksum, finished, rolled_back in rows
        if rolled_back is None
    ]


def _atlas(rows: Rows) -> list[Applied | str]:
    """Leave out the row that Atlas keeps about itself, whose version begins with a dot."""
    return [
        Applied(_text(version), is_failed=bool(_text(error)) or _number(applied) != _number(total))
        for version, applied, total, error in rows
        if not _text(version).startswith(".")
    ]


def _sqlx(rows: Rows) -> list[Applied | str]:
    return [Applied(_text(version), hash=_hex(checksum), is_failed=not success) for version, success, checksum in rows]


def _hex(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else _text(value)


def _alembic(rows: Rows) -> list[Applied | str]:
    return [Applied(_text(version), is_newest=True) if version else "a row has no revision" for (version,) in rows]


def _django(rows: Rows) -> list[Applied | str]:
    return [Applied(f"{_text(app)}.{_text(name)}") for app, name in rows]


_READERS: dict[str, tuple[tuple[str, ...], str, Callable[[Rows], list[Applied | str]]]] = {
    "drizzle": (("name?", "hash", "created_at"), "created_at", _drizzle_journal),
    "drizzle_names": (("name?", "hash", "created_at"), "created_at", _drizzle),
    "flyway": (("version", "description", "type", "checksum", "success"), "installed_rank", _flyway),
    "one_version": (("version", "dirty"), "version", _one_version),
    "goose": (("version_id", "is_applied"), "id", _goose),
    "versions": (("version",), "version", _versions),
    "prisma": (("migration_name", "checksum", "finished_at", "rolled_back_at"), "started_at", _prisma),
    "atlas": (("version", "applied", "total", "error?"), "version", _atlas),
    "alembic": (("version_num",), "version_num", _alembic),
    "django": (("app", "name"), "id", _django),
    "sqlx": (("version", "success", "checksum"), "version", _sqlx),
}
"""By `Tool.history`: the columns (``?``: may be absent), the column that orders, and the reader of the rows."""
