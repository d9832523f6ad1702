"""Which references between rows are broken: the gate of every step's commit."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lockgate.engine.sqlite.tokens import fold, literal, tokenize
from lockgate.errors import StatementFailed

if TYPE_CHECKING:
    from lockgate.engine.sqlite.session import SqliteSession


class Reference(NamedTuple):
    """A foreign key, told by what it ties; names folded."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


_KEYS_SQL = """
SELECT t.name, f.id, f."table", f."from", f."to"
FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS f
WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'lockgate\\_%' ESCAPE '\\'
ORDER BY t.name, f.id, f.seq
"""


_WRITES = re.compile(r"\s*(insert|replace|update|delete)\b", re.IGNORECASE)
_TRIGGERS_SQL = """
SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = %s COLLATE NOCASE
AND name NOT LIKE 'lockgate\\_%%' ESCAPE '\\' LIMIT 1
"""
_TABLES_SQL = "SELECT name FROM sqlite_schema WHERE type = 'table'"


def read_references(session: SqliteSession) -> dict[tuple[str, int], Reference]:
    """Return every foreign key by table (as spelled) and number in it."""
    grouped: dict[tuple[str, int], list[tuple[str, str, str]]] = {}
    for table, number, parent, column, target in session.query(_KEYS_SQL):
        grouped.setdefault((table, number), []).append((fold(parent), fold(column), fold(target or "")))
    return {
        key: Reference(fold(key[0]), tuple(r[1] for r in rows), rows[0][0], tuple(r[2] for r in rows))
        for key, rows in grouped.items()
    }


@dataclass
class Watch:
    """What a transaction does to references: of each table, as they were before its first statement on it.

    Only the tables that statements touch and the children of these are looked at; a statement that is not understood,
    or a table with triggers of others, makes it all of them.
    """

    before: Counter[Reference] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    is_all: bool = False

    def look_before(self, session: SqliteSession, sql: str) -> None:
        """Count what is broken around the tables a statement is about to touch."""
        if self.is_all:
            return
        touched = touched_table(sql)
        if touched is None or (touched and _WRITES.match(sql) and has_triggers(session, touched)):
            self._count(session, None)
            self.is_all = True
        elif touched and fold(touched) not in self.seen:
            self._count(session, fold(touched))
            self.seen.add(fold(touched))

    def find_worse(self, session: SqliteSession) -> list[str]:
        """Say which foreign keys have more broken rows now than before."""
        after: Counter[Reference] = Counter()
        if self.is_all:
            after = count_broken(session, None)
        else:
            for table in sorted(self.seen):
                after.update({r: c for r, c in count_broken(session, table).items() if r not in after})
        return newly_broken(self.before, after)

    def _count(self, session: SqliteSession, table: str | None) -> None:
        # What was counted before is older than what this transaction did, and so is what counts.
        for reference, count in count_broken(session, table).items():
            self.before.setdefault(reference, count)


def touched_table(sql: str) -> str | None:
    """Return the table whose rows or name a statement of a step changes; empty: none of others', None: unknown."""
    words = tokenize(sql[:500])
    head = [token.word for token in words[:6]]
    if not head or head[0] in ("pragma", "select", "explain", "analyze"):
        return ""
    if head[0] in ("create", "drop") and ("table" not in head[:4] or "virtual" in head[:2]):
        return ""  # an index, a view, a trigger: no row changes
    skip = {"insert", "or", "abort", "ignore", "replace", "into", "update", "delete", "from", "rollback", "fail"}
    skip |= {"create", "drop", "alter", "table", "temp", "temporary", "if", "not", "exists"}
    if head[0] not in ("insert", "replace", "update", "delete", "create", "drop", "alter"):
        return None
    for token in words:
        if token.word not in skip:
            name = fold(token.name)
            return "" if name.startswith(("lockgate_", "sqlite_")) else name
    return None


def has_triggers(session: SqliteSession, table: str) -> bool:
    """Tell whether writing a table's rows runs triggers that are not ours."""
    return bool(session.query(_TRIGGERS_SQL, (table,)))


def count_broken(session: SqliteSession, around: str | None) -> Counter[Reference]:
    """Count the rows without their parent row, by foreign key, of one table (folded) and its children, or of all.

    One whose parent cannot be checked (no such table, no unique key) is counted as -1, which is no rise from anything.
    """
    references = read_references(session)
    if around is not None:
        references = {key: r for key, r in references.items() if around in (r.table, r.parent)}
    if not references:
        return Counter()
    tables = {fold(row[0]) for row in session.query(_TABLES_SQL)}
    broken: Counter[Reference] = Counter(dict.fromkeys(references.values(), 0))
    for table in sorted({name for name, _ in references}):
        try:
            rows = session.query(f"SELECT fkid, count(*) FROM pragma_foreign_key_check({literal(table)}) GROUP BY 1")
        except StatementFailed:
            for (name, _), reference in references.items():
                if name == table:
                    broken[reference] = -1
            continue
        for number, count in rows:
            if (table, number) in references:
                broken[references[table, number]] += count
    return Counter({r: count if r.parent in tables else -1 for r, count in broken.items()})


def newly_broken(before: Counter[Reference], after: Counter[Reference]) -> list[str]:
    """Say which foreign keys that stood before have more broken rows now."""
    return [
        f"{count - before[reference]} rows of {reference.table} ({', '.join(reference.columns)}) → {reference.parent}"
        for reference, count in sorted(after.items())
        if reference in before and before[reference] >= 0 and count > before[reference]
    ]
