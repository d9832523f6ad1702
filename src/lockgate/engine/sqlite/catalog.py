"""Exchange two tables, their indexes and their definitions in one statement on sqlite_schema; pure.

SQLite cannot rename an index, and a table only together with every mention of it. The rows of sqlite_schema say which
name and which text belong to which pages; writing them changes nothing on the pages. It is what SQLite's own
documentation names for such changes (sqlite.org/lang_altertable.html, section 7), inside the step's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.sqlite.park import is_autoincrement
from lockgate.engine.sqlite.relax import Slack, named_text, relaxed_text
from lockgate.engine.sqlite.render import index_sql
from lockgate.engine.sqlite.tokens import literal, quote
from lockgate.model.schema import Definition, Table

WRITABLE = "PRAGMA writable_schema=ON"
RELOAD = "PRAGMA writable_schema=RESET"


@dataclass(frozen=True)
class Body:
    """One of two tables that take turns under one name.

    ``parked`` is its reserved name, ``indexes`` the reserved names of its indexes, in order; ``hold`` the reserved name
    of an index without entries that keeps VACUUM from renumbering its rows, or empty.
    """

    table: Table
    parked: str
    indexes: tuple[str, ...]
    triggers: tuple[Definition, ...] = ()
    hold: str = ""

    def create(self) -> list[str]:
        """Return the statements that create it, empty, under its reserved names."""
        found = [relaxed_text(self.table, self.parked)]
        return found + [sql for _, sql in self._index_texts(is_parked=True)]

    def _index_texts(self, *, is_parked: bool) -> list[tuple[str, str]]:
        """Return each index's name and text, as it is when the table is parked or in use."""
        found: list[tuple[str, str]] = []
        for index, name in zip(self.table.indexes, self.indexes, strict=True):
            found.append((name, _index_text(self, name)) if is_parked else (index.name, index_sql(index, self.name)))
        if self.hold:
            owner = self.parked if is_parked else self.name
            found.append((self.hold, self.hold_text(owner)))
        return found

    def hold_text(self, owner: str) -> str:
        """Return the statement that creates the index without entries."""
        return f"CREATE INDEX {quote(self.hold)} ON {quote(owner)} ({quote(self.table.columns[0].name)}) WHERE 0"

    @property
    def name(self) -> str:
        """Its name when it is in use."""
        return self.table.name


def _index_text(body: Body, name: str) -> str:
    index = next(i for i, reserved in zip(body.table.indexes, body.indexes, strict=True) if reserved == name)
    return index_sql(replace(index, name=name, text=""), body.parked)


def exchange(leaving: Body, coming: Body, slack: Slack | None = None) -> str:
    """Return the statement that parks one table and puts the other in its place; ``slack`` relaxes the latter."""
    texts = {leaving.name: (leaving.parked, relaxed_text(leaving.table, leaving.parked))}
    texts[coming.parked] = (coming.name, _text(coming, slack))
    for body, is_parked in ((leaving, True), (coming, False)):
        now = body._index_texts(is_parked=not is_parked)
        then = body._index_texts(is_parked=is_parked)
        texts |= {old: new for (old, _), new in zip(now, then, strict=True)}
    names = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, (new, _) in texts.items())
    sqls = " ".join(f"WHEN {literal(old)} THEN {literal(sql)}" for old, (_, sql) in texts.items())
    owner = (
        f"CASE tbl_name COLLATE NOCASE WHEN {literal(leaving.name)} THEN {literal(leaving.parked)}"
        f" ELSE {literal(coming.name)} END"
    )
    return (
        f"UPDATE sqlite_schema SET name = CASE WHEN type = 'index' AND sql IS NULL THEN 'sqlite_autoindex_' || {owner}"
        f" || substr(name, length('sqlite_autoindex_') + length(tbl_name) + 1)"
        f" ELSE CASE name COLLATE NOCASE {names} ELSE name END END,"
        f" sql = CASE name COLLATE NOCASE {sqls} ELSE sql END, tbl_name = {owner}"
        f" WHERE type IN ('table', 'index') AND tbl_name COLLATE NOCASE"
        f" IN ({literal(leaving.name)}, {literal(coming.parked)})"
    )


def retext(body: Body, slack: Slack | None = None) -> list[str]:
    """Return the statements that give the table in use its exact text, or a relaxed one."""
    return [
        WRITABLE,
        f"UPDATE sqlite_schema SET sql = {literal(_text(body, slack))} WHERE type = 'table'"
        f" AND name = {literal(body.name)} COLLATE NOCASE",
        RELOAD,
    ]


def _text(body: Body, slack: Slack | None) -> str:
    return named_text(body.table, body.name) if slack is None else relaxed_text(body.table, body.name, slack)


def move_counters(leaving: Body, coming: Body) -> list[str]:
    """Return statements that let the AUTOINCREMENT counters follow; the one in use never goes down."""
    if not (is_autoincrement(leaving.table) or is_autoincrement(coming.table)):
        return []
    name, parked, was = literal(coming.name), literal(leaving.parked), literal(coming.parked)
    found = [
        f"UPDATE sqlite_sequence SET name = CASE name WHEN {was} THEN {name} ELSE {parked} END"
        f" WHERE name IN ({literal(leaving.name)}, {was})"
    ]
    if is_autoincrement(coming.table):
        found += [
            f"INSERT INTO sqlite_sequence (name, seq) SELECT {name}, seq FROM sqlite_sequence WHERE name = {parked}"
            f" AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {name})",
            f"UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name IN ({name}, {parked}))"
            f" WHERE name = {name}",
        ]
    return found
