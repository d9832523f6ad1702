"""Names that differ only in ASCII case, where a schema says that they are the same; pure."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase
from typing import TypeAlias, TypeVar

from msgspec.structs import replace

from lockgate.model.schema import Column, Definition, Index, PrimaryKey, Schema, Table, Unique

_Rename: TypeAlias = Callable[[str], str]
_Keyed = TypeVar("_Keyed", PrimaryKey, Unique, Index)


def ignores_case(schema: Schema) -> bool:
    """Tell whether the schema's server takes names that differ only in case for the same."""
    return ("names", "ignore_case") in schema.options


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold_name(name: str) -> str:
    """Return a name with its ASCII letters in lower case, all others as they are."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


def fold_names(schema: Schema) -> Schema:
    """Return the schema with the names of tables, columns, indexes, views and triggers in lower case, order kept."""
    return replace(
        schema,
        tables=tuple(map(_fold_table, schema.tables)),
        definitions=tuple(map(_fold_definition, schema.definitions)),
    )


def match_case(before: Schema, after: Schema) -> Schema:
    """Return ``before`` with the spelling of ``after`` for every name that differs only in case."""
    tables = {fold_name(t.name): t for t in after.tables}
    definitions = {(d.kind, fold_name(d.table or ""), fold_name(d.name)): d for d in after.definitions}
    return replace(
        before,
        tables=tuple(_match_table(t, tables.get(fold_name(t.name))) for t in before.tables),
        definitions=tuple(
            _match_definition(d, definitions.get((d.kind, fold_name(d.table or ""), fold_name(d.name))))
            for d in before.definitions
        ),
    )


def _match_table(table: Table, twin: Table | None) -> Table:
    if twin is None:
        return table
    names = {fold_name(c.name): c.name for c in twin.columns}
    indexes = {fold_name(i.name): i.name for i in twin.indexes}
    return _rename_parts(table, twin.name, lambda n: names.get(fold_name(n), n), lambda n: indexes.get(fold_name(n), n))


def _match_definition(definition: Definition, twin: Definition | None) -> Definition:
    return definition if twin is None else replace(definition, name=twin.name, table=twin.table)


def _fold_table(table: Table) -> Table:
    names = [table.name, *(c.name for c in table.columns), *(i.name for i in table.indexes)]
    if all(name == fold_name(name) for name in names):
        return table
    return _rename_parts(table, fold_name(table.name), fold_name, fold_name)


def _fold_definition(definition: Definition) -> Definition:
    table = None if definition.table is None else fold_name(definition.table)
    return replace(definition, name=fold_name(definition.name), table=table)


def _rename_parts(table: Table, name: str, column: _Rename, index: _Rename) -> Table:
    def parts(value: _Keyed) -> _Keyed:
        return replace(
            value, parts=tuple(p if p.column is None else replace(p, column=column(p.column)) for p in value.parts)
        )

    def column_of(value: Column) -> Column:
        return replace(value, name=column(value.name))

    return replace(
        table,
        name=name,
        columns=tuple(map(column_of, table.columns)),
        primary_key=None if table.primary_key is None else parts(table.primary_key),
        uniques=tuple(map(parts, table.uniques)),
        indexes=tuple(replace(parts(i), name=index(i.name)) for i in table.indexes),
    )
