"""Find tables and columns by name as the server would; pure."""

from __future__ import annotations

from lockgate.model.schema import Column, ForeignKey, IndexPart, Schema, Table


class Lookup:
    """Tables of a schema by name: exactly, else the only one that differs in case."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._exact = {(t.namespace, t.name): t for t in schema.tables}
        self._folded: dict[tuple[str, str], list[Table]] = {}
        for table in schema.tables:
            self._folded.setdefault((table.namespace.lower(), table.name.lower()), []).append(table)

    def table(self, namespace: str, name: str) -> Table | None:
        """Return a table, or None."""
        found = self._exact.get((namespace, name))
        near = self._folded.get((namespace.lower(), name.lower()), [])
        return found or (near[0] if len(near) == 1 else None)

    def parent(self, key: ForeignKey) -> Table | None:
        """Return the table a foreign key refers to, or None when this schema has none."""
        return self.table(key.ref_namespace, key.ref_table)


def find_column(table: Table, name: str) -> Column | None:
    """Return a column by name, exactly or else in any case."""
    exact = next((c for c in table.columns if c.name == name), None)
    return exact or next((c for c in table.columns if c.name.lower() == name.lower()), None)


def path_of(table: Table, *names: str) -> str:
    """Return the dotted name of a table or a part of it."""
    return ".".join(part for part in (table.namespace, table.name, *names) if part)


def target_columns(key: ForeignKey, parent: Table) -> tuple[str, ...]:
    """Return the columns a foreign key refers to; without a list they are the primary key's."""
    if key.ref_columns or parent.primary_key is None:
        return key.ref_columns
    return tuple(p.column or "" for p in parent.primary_key.parts)


def unique_keys(table: Table) -> list[tuple[IndexPart, ...]]:
    """Return the keys by which a table's rows are told apart: primary, unique, and whole unique indexes."""
    keys = [table.primary_key.parts] if table.primary_key else []
    keys += [u.parts for u in table.uniques]
    return keys + [i.parts for i in table.indexes if i.is_unique and i.where is None]


def own_tables(schema: Schema) -> tuple[Table, ...]:
    """Return the tables that are no partition of another one, which speaks for them, and not on a foreign server."""
    return tuple(t for t in schema.tables if t.partition_of is None and not dict(t.options).get("server"))
