"""Which new columns SQLite can add in place, and the table's text afterwards; pure.

Source: sqlite.org/lang_altertable.html, section 4: no PRIMARY KEY, no UNIQUE, no STORED; NOT NULL needs a constant
default; CURRENT_TIME and expressions are refused once the table holds rows; REFERENCES needs a NULL default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.sqlite.normalize import table_from_text
from lockgate.engine.sqlite.park import LEGACY_OFF, LEGACY_ON
from lockgate.engine.sqlite.parse import ParsedColumn, parse_table
from lockgate.engine.sqlite.render import column_sql, is_text_true, same_table, table_sql
from lockgate.engine.sqlite.shape import names_itself
from lockgate.engine.sqlite.tokens import fold, quote
from lockgate.engine.sqlite.values import find_column, is_constant, is_null, is_strict
from lockgate.model.change import AddColumn, Change
from lockgate.model.schema import Column, Table

_IN_PLACE = frozenset(["not_null", "null", "default", "collate", "generated", "check", "foreign_key", "deferrable"])


@dataclass(frozen=True)
class AddedColumns:
    """Columns added in place, the statements that do it, and the table they lead to."""

    columns: tuple[Column, ...]
    statements: tuple[str, ...]
    table: Table

    def has(self, name: str) -> bool:
        """Tell whether a column is among them."""
        return any(fold(c.name) == fold(name) for c in self.columns)


def plan_added_columns(old: Table, new: Table, group: Sequence[Change]) -> AddedColumns:
    """Return the new columns that can be added in place.

    With the definitions as declared when that is all the table needs; else with what the column itself says, and the
    rebuild that follows brings the constraints.
    """
    wanted = [find_column(new, c.column.name) for c in group if isinstance(c, AddColumn)]
    columns = [c for c in wanted if c is not None and _is_addable(old, new, c)]
    start = _with_text(old)
    declared = _declared(new)
    if columns and len(columns) == len(wanted) and all(_is_plain(declared.get(fold(c.name))) for c in columns):
        whole = _append(start, columns, [_text_of(new, declared[fold(c.name)]) for c in columns])
        if same_table(replace(whole.table, indexes=()), replace(new, indexes=())):
            return whole
    bare = [c for c in columns if not _is_constrained(new, c)]
    return _append(start, bare, [column_sql(c) for c in bare])


def _with_text(table: Table) -> Table:
    return table if table.text and is_text_true(table) else replace(table, text=table_sql(table))


def _declared(table: Table) -> dict[str, ParsedColumn]:
    return {fold(c.name): c for c in parse_table(_with_text(table).text).columns}


def _text_of(table: Table, column: ParsedColumn) -> str:
    return _with_text(table).text[column.start : column.end]


def _append(table: Table, columns: Sequence[Column], texts: Sequence[str]) -> AddedColumns:
    text = table.text
    end = parse_table(text).columns_end
    if texts:
        text = text[:end] + "".join(f", {t}" for t in texts) + text[end:]
    statements = [f"ALTER TABLE {quote(table.name)} ADD COLUMN {t}" for t in texts]
    if statements:
        statements = [LEGACY_ON, *statements, LEGACY_OFF]
    return AddedColumns(tuple(columns), tuple(statements), replace(table_from_text(text), indexes=table.indexes))


def _is_addable(old: Table, new: Table, column: Column) -> bool:
    parts = [p.column for p in new.primary_key.parts] if new.primary_key else []
    if any(fold(p or "") == fold(column.name) for p in parts):
        return False
    if column.generated is not None:
        return not column.generated.is_stored and column.is_nullable and not names_itself(old)
    if not column.is_nullable and is_null(column.default):
        return False
    if is_strict(new) != is_strict(old):
        return False
    return column.default is None or is_constant(column.default)


def _is_plain(column: ParsedColumn | None) -> bool:
    return column is not None and all(c.kind in _IN_PLACE for c in column.constraints)


def _is_constrained(table: Table, column: Column) -> bool:
    """Tell whether a generated column's expression may use others that are not there yet; it waits for the rebuild."""
    return column.generated is not None
