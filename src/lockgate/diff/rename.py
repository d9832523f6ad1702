"""Tell a renaming from a drop and an add; pure.

Three sources, in this order: what the user said (``--rename old:new``), what the structure says without doubt, and
candidates that only a person can decide, which are returned as questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lockgate.diff.compare import bare
from lockgate.errors import InputError
from lockgate.model.change import RenameColumn, RenameTable
from lockgate.model.fold import ignores_case, match_case
from lockgate.model.keys import table_key
from lockgate.model.schema import Column, Key, Schema, Table, Value


class Renames(Value, frozen=True):
    """Renamings to carry out, how each was found, and open questions.

    ``found`` holds one sentence a renaming nobody asked for; ``questions`` pairs that may be renamings.
    """

    tables: tuple[RenameTable, ...] = ()
    columns: tuple[RenameColumn, ...] = ()
    found: tuple[str, ...] = ()
    questions: tuple[tuple[str, str], ...] = ()

    @property
    def changes(self) -> tuple[RenameTable | RenameColumn, ...]:
        """All renamings as changes, tables first."""
        return (*self.tables, *self.columns)


def find_renames(before: Schema, after: Schema, hints: Sequence[str]) -> Renames:
    """Find renamings between two schemas.

    Args:
        hints: ``old:new`` for a table (with its schema where needed), ``table.old:new`` for a column (``table`` by its
            new or old name).

    Raises:
        InputError: A hint cannot be read, or names what is not there.
    """
    if ignores_case(after):
        before = match_case(before, after)
    old = {table_key(t): t for t in before.tables}
    new = {table_key(t): t for t in after.tables}
    tables: dict[Key, Key] = {}
    columns: dict[tuple[Key, str], str] = {}
    for hint in hints:
        _read_hint(hint, old, new, tables, columns)
    found: list[str] = []
    taken = {(d.namespace, d.name) for d in before.definitions if d.table is None}
    _tables_by_structure(old, new, tables, found, taken)
    questions: list[tuple[str, str]] = []
    for old_key, new_key in _pairs(old, new, tables):
        _columns_by_structure(old[old_key], new[new_key], columns, found, questions)
    return Renames(
        tables=tuple(RenameTable(before=a, after=b) for a, b in sorted(tables.items())),
        columns=tuple(RenameColumn(table=t, before=a, after=b) for (t, a), b in sorted(columns.items())),
        found=tuple(found),
        questions=tuple(questions),
    )


def _pairs(old: dict[Key, Table], new: dict[Key, Table], tables: dict[Key, Key]) -> Iterable[tuple[Key, Key]]:
    for key in sorted(old):
        target = tables.get(key, key)
        if target in new:
            yield key, target


def _read_hint(
    hint: str, old: dict[Key, Table], new: dict[Key, Table], tables: dict[Key, Key], columns: dict[tuple[Key, str], str]
) -> None:
    left, colon, right = hint.partition(":")
    if not colon or not left or not right:
        raise InputError(f"--rename {hint!r} is not of the form old:new", state="nothing was touched")
    old_table, new_table = _find_table(left, old), _find_table(right, new)
    if old_table is not None and new_table is not None:
        if old_table != new_table:
            tables[old_table] = new_table
        return
    table_name, _, column = left.rpartition(".")
    new_column = right.rpartition(".")[2]
    target = _find_table(table_name, new) if table_name else None
    if target is None and table_name:
        source = _find_table(table_name, old)
        target = tables.get(source, source) if source else None
    origin = next((a for a, b in tables.items() if b == target), target)
    if target is None or origin is None or origin not in old or target not in new:
        raise InputError(
            f"--rename {hint!r} names no table or column of both schemas",
            cause="the left side must be live, the right side declared",
            state="nothing was touched",
        )
    if column not in {c.name for c in old[origin].columns} or new_column not in {c.name for c in new[target].columns}:
        raise InputError(
            f"--rename {hint!r}: {origin.path} has no column {column!r}, or {target.path} no column {new_column!r}",
            state="nothing was touched",
        )
    if column != new_column:
        columns[target, column] = new_column


def _find_table(text: str, tables: dict[Key, Table]) -> Key | None:
    exact = [k for k in tables if k.path == text]
    loose = exact or [k for k in tables if k.name == text]
    return loose[0] if len(loose) == 1 else None


def _tables_by_structure(
    old: dict[Key, Table], new: dict[Key, Table], tables: dict[Key, Key], found: list[str], taken: set[tuple[str, str]]
) -> None:
    """Pair a vanished and a new table whose columns are the same to the letter, when each has only that partner.

    ``taken`` holds the names of live views and the like: what is called so today cannot be a table's new name yet.
    """
    gone = {k: _shape(t) for k, t in old.items() if k not in new and k not in tables and len(t.columns) > 1}
    came = {k: _shape(t) for k, t in new.items() if k not in old and k not in tables.values() and k[1:3] not in taken}
    for key, shape in sorted(gone.items()):
        partners = [k for k, other in came.items() if other == shape]
        rivals = [k for k, other in gone.items() if other == shape]
        if len(partners) == 1 and len(rivals) == 1 and partners[0].namespace == key.namespace:
            tables[key] = partners[0]
            found.append(f"table {key.path} was renamed to {partners[0].path} (same columns, no other candidate)")


def _shape(table: Table) -> tuple[object, ...]:
    ties = (table.partition_of, table.partitioning, table.inherits)
    columns = tuple((c.name, c.type, c.is_nullable, c.generated) for c in sorted(table.columns, key=lambda c: c.name))
    return (*ties, columns)


def _columns_by_structure(
    before: Table, after: Table, columns: dict[tuple[Key, str], str], found: list[str], questions: list[tuple[str, str]]
) -> None:
    key = table_key(after)
    said = {a: b for (table, a), b in columns.items() if table == key}
    names_before, names_after = {c.name for c in before.columns}, {c.name for c in after.columns}
    gone = [(i, c) for i, c in enumerate(before.columns) if c.name not in names_after and c.name not in said]
    came = [(i, c) for i, c in enumerate(after.columns) if c.name not in names_before and c.name not in said.values()]
    for position, column in gone:
        twins = [(i, c) for i, c in came if _same_but_name(column, c)]
        rivals = [c for _, c in gone if _same_but_name(column, c)]
        if len(twins) == 1 and len(rivals) == 1 and twins[0][0] == position and len(after.columns) > 1:
            columns[key, column.name] = twins[0][1].name
            found.append(
                f"column {key.path}.{column.name} was renamed to {twins[0][1].name}"
                " (same place and definition, no other candidate)"
            )
        else:
            questions.extend((f"{key.path}.{column.name}", c.name) for _, c in came if c.type == column.type)


def _same_but_name(one: Column, other: Column) -> bool:
    return bare(replace(one, name="", comment=None)) == bare(replace(other, name="", comment=None))
