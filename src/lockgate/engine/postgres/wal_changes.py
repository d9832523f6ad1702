"""Turns what ``test_decoding`` tells of changed rows into statements that make the same changes again; pure.

Source: PostgreSQL contrib/test_decoding/test_decoding.c (13–18): the form of a change, which values are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.errors import LogUnusable

_NAME = re.compile(r'"(?:[^"]|"")*"|[^\s".:,\[]+')
_KEPT = "unchanged-toast-datum"
_BEGIN = "BEGIN;\nSET CONSTRAINTS ALL DEFERRED;\n"


@dataclass(frozen=True)
class LoggedTable:
    """What replaying needs to know of a table: how a row is found again, and what is never written.

    ``key`` are the columns of its replica identity (empty: none). ``generated`` the server works out by itself;
    ``always`` are identities that cannot be set by UPDATE. A partitioned one holds no rows itself.
    """

    namespace: str
    name: str
    key: tuple[str, ...]
    generated: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    is_partitioned: bool = False

    @property
    def quoted(self) -> str:
        """Its name in a statement."""
        return qualify(self.namespace, self.name)


Tables = Mapping[tuple[str, str], LoggedTable]
Row = dict[str, str | None]


def statements_of(changes: Iterable[str], tables: Tables) -> Iterator[str]:
    """Yield the statements of a range, transaction by transaction, those without a change left out.

    Raises:
        LogUnusable: A row cannot be found again, or a table is not there any more.
    """
    is_open = False
    for line in changes:
        if line.startswith("BEGIN"):
            is_open = False
        elif line.startswith("COMMIT"):
            if is_open:
                yield "COMMIT;\n"
            is_open = False
        elif (sql := _statement(line, tables)) != "":
            yield sql if is_open else _BEGIN + sql
            is_open = True


def _statement(line: str, tables: Tables) -> str:
    if not line.startswith("table "):
        return ""  # messages, which hold no rows
    names, rest = _names(line, 6)
    action, _, values = rest.partition(": ")
    found = [_known(name, tables) for name in names]
    if action == "TRUNCATE":
        return _truncate(found)
    table = found[0]
    if action == "INSERT":
        return _insert(table, read_row(values))
    if action == "UPDATE":
        return _update(table, values)
    if action == "DELETE":
        if values.startswith("(no-tuple-data)"):
            raise _lost(table)
        return f"DELETE FROM ONLY {table.quoted} WHERE {_where(table, read_row(values))};\n"
    raise LogUnusable("the server's log tells of a change that is not known", cause=action)


def _names(line: str, at: int) -> tuple[list[tuple[str, str]], str]:
    """Read ``a.b, c.d: ACTION…``; return the names and what follows them."""
    names = []
    while True:
        first = _NAME.match(line, at)
        assert first is not None
        second = _NAME.match(line, first.end() + 1)
        assert second is not None
        names.append((_plain(first.group()), _plain(second.group())))
        at = second.end()
        if not line.startswith(", ", at):
            return names, line[at + 2 :]
        at += 2


def _known(name: tuple[str, str], tables: Tables) -> LoggedTable:
    if name not in tables:
        raise LogUnusable(
            "the server's log cannot be played back exactly",
            where=".".join(name),
            cause="rows of a table were changed that is not there any more",
            state="nothing was published",
            hint="take a full backup: lockgate backup create --kind full",
        )
    return tables[name]


def read_row(text: str) -> Row:
    """Read ``name[type]:value …``: NULL is None, a value that was left alone is not in it."""
    row: Row = {}
    at = 0
    while at < len(text):
        name = _NAME.match(text, at)
        assert name is not None
        at = _after_type(text, name.end()) + 1
        value, at = _value(text, at)
        if value != (_KEPT,):
            row[_plain(name.group())] = value[0]
        at += 1
    return row


def _after_type(text: str, at: int) -> int:
    """Return where ``[type]`` ends; types have brackets of their own and quoted names."""
    depth = 0
    while True:
        sign = text[at]
        if sign == '"':
            match = _NAME.match(text, at)
            assert match is not None
            at = match.end()
            continue
        depth += (sign == "[") - (sign == "]")
        at += 1
        if depth == 0:
            return at


def _value(text: str, at: int) -> tuple[tuple[str | None, ...], int]:
    """Return a value and where it ends; one that was left alone comes as its mark without quotes."""
    if text.startswith("B'", at):
        at += 1
    if text[at] == "'":
        end = at + 1
        while True:
            end = text.index("'", end)
            if not text.startswith("''", end):
                return (text[at + 1 : end].replace("''", "'"), "quoted"), end + 1
            end += 2
    end = text.find(" ", at)
    end = len(text) if end < 0 else end
    word = text[at:end]
    if word == _KEPT:
        return (_KEPT,), end
    return ((None if word == "null" else word), "bare"), end


def _insert(table: LoggedTable, row: Row) -> str:
    names = [name for name in row if name not in table.generated]
    if not names:
        return f"INSERT INTO {table.quoted} DEFAULT VALUES;\n"
    columns = ", ".join(map(quote_ident, names))
    values = ", ".join(literal(row[name]) for name in names)
    return f"INSERT INTO {table.quoted} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values});\n"


def _update(table: LoggedTable, text: str) -> str:
    old: Row | None = None
    if text.startswith("old-key: "):
        before, _, text = _split_new(text)
        old = read_row(before)
        new = read_row(text)
    else:
        new = read_row(text)
    if not table.key:
        raise _lost(table)
    changed = {name for name in table.always if old is not None and old.get(name, new.get(name)) != new.get(name)}
    if changed:
        raise LogUnusable(
            "the server's log cannot be played back exactly",
            where=table.quoted,
            cause=f"the identity {sorted(changed)[0]}, which is GENERATED ALWAYS, was changed",
            state="nothing was published",
            hint="take a full backup: lockgate backup create --kind full",
        )
    names = [name for name in new if name not in table.generated and name not in table.always]
    if not names:
        return ""
    sets = ", ".join(f"{quote_ident(name)} = {literal(new[name])}" for name in names)
    return f"UPDATE ONLY {table.quoted} SET {sets} WHERE {_where(table, old or new)};\n"


def _split_new(text: str) -> tuple[str, str, str]:
    """Split ``old-key: … new-tuple: …``, minding values that hold these words."""
    at = len("old-key: ")
    start = at
    while not text.startswith("new-tuple: ", at):
        name = _NAME.match(text, at)
        assert name is not None
        _, at = _value(text, _after_type(text, name.end()) + 1)
        at += 1
    return text[start : at - 1], "", text[at + len("new-tuple: ") :]


def _truncate(tables: list[LoggedTable]) -> str:
    """All that a CASCADE reached is named; sequences are set in the end."""
    names = [table.quoted for table in tables if not table.is_partitioned]
    return f"TRUNCATE ONLY {', '.join(names)};\n" if names else ""


def _where(table: LoggedTable, row: Row) -> str:
    if not table.key or any(row.get(name) is None for name in table.key):
        raise _lost(table)
    return " AND ".join(f"{quote_ident(name)} = {literal(row[name])}" for name in table.key)


def _lost(table: LoggedTable) -> LogUnusable:
    return LogUnusable(
        "the server's log cannot be played back exactly",
        where=table.quoted,
        cause="rows were changed of a table without a primary key or replica identity, and cannot be found again",
        state="nothing was published",
        hint="give it a primary key; until then take full backups: lockgate backup create --kind full",
    )


def literal(value: str | None) -> str:
    """Write a value's text as a constant of an unknown type, which becomes the column's; standard strings."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
