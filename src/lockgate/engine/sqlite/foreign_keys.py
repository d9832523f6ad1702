"""Which references between rows are broken: the gate of every step's commit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from lockgate.engine.sqlite.tokens import fold, literal
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


def count_broken(session: SqliteSession) -> Counter[Reference]:
    """Count the rows without their parent row, by foreign key.

    One whose parent cannot be checked (no such table, no unique key) is counted as -1, which is no rise from anything.
    """
    references = read_references(session)
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
            reference = references[table, number]
            broken[reference] += count
    return Counter({r: count if r.parent in tables else -1 for r, count in broken.items()})


def newly_broken(before: Counter[Reference], after: Counter[Reference]) -> list[str]:
    """Say which foreign keys that stood before have more broken rows now."""
    return [
        f"{count - before[reference]} rows of {reference.table} ({', '.join(reference.columns)}) → {reference.parent}"
        for reference, count in sorted(after.items())
        if reference in before and before[reference] >= 0 and count > before[reference]
    ]
