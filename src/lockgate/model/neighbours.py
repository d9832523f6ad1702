"""Cut a schema down to some tables and what they are joined with by foreign keys; pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from msgspec.structs import replace

from lockgate.errors import InputError
from lockgate.model.keys import table_key
from lockgate.model.schema import Key, Schema


def find_tables(schema: Schema, names: Iterable[str]) -> frozenset[Key]:
    """Return the keys of tables named ``table`` or ``schema.table``.

    Raises:
        InputError: There is no such table; names near ones.
    """
    found: set[Key] = set()
    for name in names:
        matching = {table_key(t) for t in schema.tables if name in (t.name, table_key(t).path)}
        if not matching:
            near = difflib.get_close_matches(name, [t.name for t in schema.tables], 3)
            raise InputError(
                f"there is no table {name!r}",
                cause=f"similar are {', '.join(near)}" if near else f"the schema has {len(schema.tables)} tables",
                state="nothing was touched",
            )
        found |= matching
    return frozenset(found)


def keep_neighbourhood(schema: Schema, centre: Iterable[Key], depth: int = 1) -> Schema:
    """Return only the tables that are at most ``depth`` foreign keys away from the central ones, in any direction."""
    joined: dict[Key, set[Key]] = {table_key(table): set() for table in schema.tables}
    for table in schema.tables:
        for fk in table.foreign_keys:
            other = Key("table", fk.ref_namespace, fk.ref_table)
            if other in joined:
                joined[table_key(table)].add(other)
                joined[other].add(table_key(table))
    kept = set(centre) & joined.keys()
    for _ in range(depth):
        kept |= {other for key in kept for other in joined[key]}
    return replace(schema, tables=tuple(t for t in schema.tables if table_key(t) in kept), definitions=())
