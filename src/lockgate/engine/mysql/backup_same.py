"""A schema as it reads after a dump and a load, for what a dump's text makes the server note in another way."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.model import codec
from lockgate.model.schema import Column, Schema

_NOTED = "explicit_collation"


def fingerprint(schema: Schema) -> str:
    """Return the fingerprint of a schema without the note that a column's collation was spelled out.

    SHOW CREATE TABLE of MySQL writes the collation of a column whose table has another than its character set's usual
    one; a table made from that text has it spelled out (measured on 9.7). The collation itself counts.
    """
    tables = tuple(
        replace(table, columns=tuple(_without_note(column) for column in table.columns)) for table in schema.tables
    )
    return codec.fingerprint(replace(schema, tables=tables))


def _without_note(column: Column) -> Column:
    if not any(name == _NOTED for name, _ in column.options):
        return column
    return replace(column, options=tuple(option for option in column.options if option[0] != _NOTED))
