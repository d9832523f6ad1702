"""Write CREATE statements: the server's own text where the model agrees with it, else from the model; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.sqlite.normalize import definition_from_text, index_from_text, table_from_text
from lockgate.engine.sqlite.parse import ParseError
from lockgate.engine.sqlite.tokens import KEYWORDS, fold, quote
from lockgate.model.codec import canonical_table
from lockgate.model.fold import fold_names
from lockgate.model.schema import Column, Definition, ForeignKey, Index, IndexPart, Options, Schema, Table
from lockgate.model.server import Server


def render_schema(schema: Schema, server: Server) -> tuple[str, ...]:
    """Return statements that build the schema in an empty database: tables, indexes, views, triggers."""
    statements = [table_sql(t) for t in schema.tables]
    statements += [d.text or d.sql for d in schema.definitions if d.kind == "virtual_table"]
    statements += [index_sql(i, t.name) for t in schema.tables for i in t.indexes]
    statements += [d.text or d.sql for d in schema.definitions if d.kind == "view"]
    statements += [d.text or d.sql for d in schema.definitions if d.kind == "trigger"]
    return tuple(statements)


def table_sql(table: Table) -> str:
    """Return CREATE TABLE: its own text when that still says what the model says."""
    if table.text and is_text_true(table):
        return table.text
    return table_sql_from_model(table)


def is_text_true(table: Table) -> bool:
    """Tell whether the text still means the model: a renaming or an evolved model makes it stale."""
    try:
        parsed = table_from_text(table.text)
    except ParseError:
        return False
    return same_table(parsed, replace(table, indexes=()))


def same_table(a: Table, b: Table) -> bool:
    """Tell whether two tables are the same to SQLite, indexes included."""
    return _comparable(a) == _comparable(b)


def _comparable(table: Table) -> Table:
    return canonical_table(fold_names(Schema(engine="sqlite", tables=(table,))).tables[0])


def table_sql_from_model(table: Table) -> str:
    """Return CREATE TABLE written from the model alone."""
    key = table.primary_key
    inline_key = ""
    if key is not None and any(c.is_auto_increment for c in table.columns):
        inline_key = fold(key.parts[0].column or "")
    lines = [column_sql(c, table if fold(c.name) == inline_key else None) for c in table.columns]
    if key is not None and not inline_key:
        lines.append(f"PRIMARY KEY ({_parts(key.parts)}){_conflict(key.options)}")
    lines += [f"UNIQUE ({_parts(u.parts)}){_conflict(u.options)}" for u in table.uniques]
    lines += [f"CHECK ({c.expression})" for c in table.checks]
    lines += [foreign_key_sql(f) for f in table.foreign_keys]
    flags = [
        word
        for name, word in (("without_rowid", "WITHOUT ROWID"), ("strict", "STRICT"))
        if (name, "yes") in table.options
    ]
    tail = " " + ", ".join(flags) if flags else ""
    return f"CREATE TABLE {quote(table.name)} (\n  " + ",\n  ".join(lines) + f"\n){tail}"


def column_sql(column: Column, keyed: Table | None = None) -> str:
    """Return a column's definition; ``keyed`` is its table when the AUTOINCREMENT key stands in the definition."""
    words = [quote(column.name)]
    if column.type:
        words.append(column.type)
    if keyed is not None and keyed.primary_key is not None:
        part = keyed.primary_key.parts[0]
        direction = " DESC" if part.is_descending else ""
        words.append(f"PRIMARY KEY{direction}{_conflict(keyed.primary_key.options)} AUTOINCREMENT")
    if not column.is_nullable:
        conflict = dict(column.options).get("not_null_conflict", "")
        words.append("NOT NULL" + (f" ON CONFLICT {conflict.upper()}" if conflict else ""))
    if column.default is not None:
        words.append(f"DEFAULT {default_sql(column.default)}")
    if column.collation is not None:
        words.append(f"COLLATE {_bare(column.collation)}")
    if column.generated is not None:
        words.append(f"AS ({column.generated.expression}) {'STORED' if column.generated.is_stored else 'VIRTUAL'}")
    return " ".join(words)


def default_sql(default: str) -> str:
    """Return a default as it stands after DEFAULT: an expression in parentheses, which SQLite takes off again."""
    return f"({default})"


def foreign_key_sql(key: ForeignKey) -> str:
    """Return FOREIGN KEY as a table constraint."""
    text = f"FOREIGN KEY ({_names(key.columns)}) REFERENCES {quote(key.ref_table)}"
    if key.ref_columns:
        text += f" ({_names(key.ref_columns)})"
    if key.on_update != "no action":
        text += f" ON UPDATE {key.on_update.upper()}"
    if key.on_delete != "no action":
        text += f" ON DELETE {key.on_delete.upper()}"
    if key.match != "simple":
        text += f" MATCH {key.match.upper()}"
    if key.deferrable is not None:
        text += f" DEFERRABLE INITIALLY {key.deferrable.upper()}"
    return text


def index_sql(index: Index, table: str) -> str:
    """Return CREATE INDEX: its own text when that still says what the model says."""
    if index.text and _is_index_text_true(index):
        return index.text
    where = f" WHERE {index.where}" if index.where else ""
    unique = "UNIQUE " if index.is_unique else ""
    return f"CREATE {unique}INDEX {quote(index.name)} ON {quote(table)} ({_parts(index.parts)}){where}"


def _is_index_text_true(index: Index) -> bool:
    try:
        parsed = index_from_text(index.text)
    except ParseError:
        return False
    return parsed.parts == index.parts and parsed.where == index.where and fold(parsed.name) == fold(index.name)


def definition_sql(definition: Definition) -> str:
    """Return a view's, trigger's or virtual table's CREATE statement."""
    if definition.text:
        twin = definition_from_text(definition.kind, definition.name, definition.table, definition.text)
        if twin.sql == definition.sql:
            return definition.text
    return definition.sql


def _parts(parts: tuple[IndexPart, ...]) -> str:
    return ", ".join(_part(p) for p in parts)


def _part(part: IndexPart) -> str:
    text = quote(part.column) if part.column is not None else str(part.expression)
    if part.collation is not None:
        text += f" COLLATE {_bare(part.collation)}"
    return text + (" DESC" if part.is_descending else "")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(quote, names))


def _bare(name: str) -> str:
    return name if name.isidentifier() and name.isascii() and name not in KEYWORDS else quote(name)


def _conflict(options: Options) -> str:
    word = dict(options).get("on_conflict", "")
    return f" ON CONFLICT {word.upper()}" if word else ""
