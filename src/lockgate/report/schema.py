"""Render a schema as text or as a mermaid entity diagram; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lockgate.model import keys
from lockgate.model.schema import Column, Key, Schema, Table
from lockgate.model.server import Server

_UNSAFE = re.compile(r"\W+")


def schema_text(schema: Schema, server: Server) -> str:
    """Return a schema as an indented list, tables with their columns and parts."""
    counts = f"{len(schema.tables)} tables, {sum(len(t.columns) for t in schema.tables)} columns"
    lines = [f"{server.flavor} {server.version_text}: {counts}"]
    for obj in keys.iter_objects(schema):
        if isinstance(obj, Table):
            lines += ["", *_table_lines(obj)]
        else:
            lines += ["", str(keys.key_of(obj))]
    lines += [f"unmanaged: {u.kind} {u.name}: {u.reason}" for u in schema.unmanaged]
    return "\n".join(lines) + "\n"


def schema_mermaid(schema: Schema, notes: Mapping[Key, str] | None = None) -> str:
    """Return the tables and foreign keys as a mermaid ``erDiagram``; ``notes`` by table stand as comments above."""
    lines = ["erDiagram", *(f"  %% {key.path}: {note}" for key, note in sorted((notes or {}).items()))]
    for table in schema.tables:
        lines.append(f"  {_name(table.namespace, table.name)} {{")
        lines += [f"    {_plain(column.type)} {_plain(column.name)}{_marks(table, column)}" for column in table.columns]
        lines.append("  }")
    drawn = {(table.namespace, table.name) for table in schema.tables}
    for table in schema.tables:
        for fk in table.foreign_keys:
            if (fk.ref_namespace, fk.ref_table) not in drawn:
                continue
            child, parent = _name(table.namespace, table.name), _name(fk.ref_namespace, fk.ref_table)
            lines.append(f'  {parent} ||--o{{ {child} : "{", ".join(fk.columns)}"')
    return "\n".join(lines) + "\n"


def _table_lines(table: Table) -> list[str]:
    lines = [f"table {keys.table_key(table).path}"]
    width = max((len(column.name) for column in table.columns), default=0)
    for column in table.columns:
        facts = [column.type, "" if column.is_nullable else "NOT NULL"]
        facts.append(f"DEFAULT {column.default}" if column.default is not None else "")
        facts.append(f"GENERATED {column.generated.expression}" if column.generated else "")
        lines.append(f"  {column.name:{width}}  {' '.join(fact for fact in facts if fact)}")
    for constraint in keys.constraints_of(table):
        lines.append(f"  {keys.child_key(keys.table_key(table), constraint).kind.replace('_', ' ')} {constraint.name}")
    lines += [f"  index {index.name}" for index in table.indexes]
    return lines


def _marks(table: Table, column: Column) -> str:
    marks = []
    if table.primary_key and any(part.column == column.name for part in table.primary_key.parts):
        marks.append("PK")
    if any(column.name in fk.columns for fk in table.foreign_keys):
        marks.append("FK")
    return f" {', '.join(marks)}" if marks else ""


def _name(namespace: str, name: str) -> str:
    return _plain(f"{namespace}_{name}" if namespace and namespace != "public" else name)


def _plain(text: str) -> str:
    return _UNSAFE.sub("_", text).strip("_") or "_"
