"""Write tables and views as drizzle-kit does for MySQL."""

from __future__ import annotations

from lockgate.source.drizzle.columns import Column
from lockgate.source.drizzle.resolve import ForeignKey, IndexOf, IndexPart, KeyOf, Resolved, Resolver, Statement, cut
from lockgate.source.drizzle.sqltext import Sql
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Closure,
    Entity,
    JsDate,
    Native,
    Unknown,
    Value,
    find_unknown,
    is_nullish,
    is_too_large,
    json_of,
    text_of,
)
from lockgate.source.drizzle.views import View

_IN_PARENTHESES = ("blob", "text", "json")


def write_mysql(resolver: Resolver, tables: list[Resolved], views: list[View]) -> list[Statement]:
    """Return the statements: tables, foreign keys, indexes, views."""
    statements = [_table(resolver, resolved) for resolved in tables]
    for resolved in tables:
        statements += [_foreign_key(resolved, key) for key in resolved.foreign_keys.values()]
    for resolved in tables:
        indexes = {index.name: index for index in resolved.indexes}
        statements += [_index(resolved, index) for index in indexes.values() if not index.builder.is_unique]
    return statements + [s for view in views for s in _view(resolver, view)]


def _table(resolver: Resolver, resolved: Resolved) -> Statement:
    table = resolved.table
    primary = {
        f"{table.name}_{name}": KeyOf(f"{table.name}_{name}", (name,), column.builder.place)
        for column in table.columns.values()
        if column.builder.is_primary
        for name in [resolver.column_name(column)]
    }
    in_key = {name for key in resolved.primary_keys.values() for name in key.columns}
    primary |= resolved.primary_keys
    columns = {resolver.column_name(c): _column(resolver, c, in_key) for c in table.columns.values()}
    lines = list(columns.values())
    for key in list(primary.values())[:1]:
        lines.append(f"CONSTRAINT `{key.name}` PRIMARY KEY(`{'`,`'.join(key.columns)}`)")
    for unique in resolved.uniques:
        lines.append(f"CONSTRAINT `{unique.name}` UNIQUE({','.join(f'`{c}`' for c in unique.columns)})")
    for index in resolved.indexes:
        if index.builder.is_unique:
            lines.append(f"CONSTRAINT `{index.name}` UNIQUE({index_columns(index.columns)})")
    for check in resolved.checks:
        lines.append(f"CONSTRAINT `{check.name}` CHECK({cut(check.expression)})")
    body = ",\n\t".join(lines)
    return Statement(f"CREATE TABLE `{table.name}` (\n\t{body}\n);", table.place)


def _column(resolver: Resolver, column: Column, in_key: set[str]) -> str:
    builder = column.builder
    name = resolver.column_name(column)
    what = f"the column `{column.key}` of the table {column.table.shown}"
    text = f"`{name}` {builder.sql_type}"
    if builder.is_counted:
        text += " AUTO_INCREMENT"
    if builder.generated is not None:
        value, mode = builder.generated
        text += (
            f" GENERATED ALWAYS AS ({resolver.expression(value, what, builder.place)}) {(mode or 'virtual').upper()}"
        )
    if builder.is_not_null or name in in_key:
        text += " NOT NULL"
    if builder.default is not UNDEFINED:
        text += f" DEFAULT {_default(resolver, column, what)}"
    return text + (" ON UPDATE CURRENT_TIMESTAMP" if builder.is_updated_now else "")


def _default(resolver: Resolver, column: Column, what: str) -> str:
    builder, value = column.builder, column.builder.default
    what = f"the default of {what}"
    if isinstance(value, Sql):
        return resolver.default_text(value, what, builder.place)
    if unreadable(resolver, value, what, column):
        return "NULL"
    kind = builder.sql_type
    if isinstance(value, str):
        text = quoted(value)
    elif kind.lower() == "json":
        text = f"'{json_of(value)}'"
    elif isinstance(value, JsDate):
        text = _date(value, kind.lower())
    else:
        text = text_of(value)
    return f"({text})" if kind in _IN_PARENTHESES else text


def _date(value: JsDate, kind: str) -> str:
    if kind == "date":
        return f"'{value.iso.split('T')[0]}'"
    return "'" + value.iso.replace("T", " ")[:23] + "'"


def quoted(text: str) -> str:
    """Write a text between quotes, with quotes in it doubled."""
    return "'" + text.replace("'", "''") + "'"


def unreadable(resolver: Resolver, value: Value, what: str, column: Column) -> bool:
    """Register a default that cannot be known or written, and tell whether it is one."""
    unknown = find_unknown(value)
    if unknown is None and isinstance(value, (Closure, Native, Entity)):
        unknown = Unknown("it is no value; a function belongs into `.$defaultFn`", column.builder.place)
    if unknown is None and is_too_large(value):
        unknown = Unknown("it is too large to be read", column.builder.place)
    if unknown is not None:
        resolver.problem(what, unknown, column.builder.place)
    return unknown is not None


def _foreign_key(resolved: Resolved, key: ForeignKey) -> Statement:
    columns, foreign = (",".join(f"`{c}`" for c in group) for group in (key.columns, key.foreign_columns))
    text = (
        f"ALTER TABLE `{resolved.table.name}` ADD CONSTRAINT `{key.name}` FOREIGN KEY ({columns})"
        f" REFERENCES `{key.table.name}`({foreign}) ON DELETE {key.on_delete} ON UPDATE {key.on_update};"
    )
    return Statement(text, key.place)


def _index(resolved: Resolved, index: IndexOf) -> Statement:
    columns = index_columns(index.columns)
    return Statement(f"CREATE INDEX `{index.name}` ON `{resolved.table.name}` ({columns});", index.place)


def index_columns(parts: tuple[IndexPart, ...]) -> str:
    """Write the columns of an index as drizzle-kit 0.31 does, which takes an expression apart at its commas."""
    expressions = {part.text for part in parts if part.is_expression}
    pieces = ",".join(part.text for part in parts).split(";")[0].split(",")
    return ",".join(piece if piece in expressions else f"`{piece}`" for piece in pieces)


def _view(resolver: Resolver, view: View) -> list[Statement]:
    resolver.problems += view.problems
    if view.query is None or view.schema:
        return []
    what = f"the view {view.name}"
    query = resolver.expression(view.query, what, view.place)
    options = {}
    for name in ("algorithm", "sqlSecurity", "withCheckOption"):
        value = view.options.get(name, "" if name not in view.options else UNDEFINED)
        if isinstance(value, Unknown):
            resolver.problem(what, value, view.place)
        options[name] = "" if is_nullish(value) else text_of(value)
    if "withCheckOption" in view.options and not options["withCheckOption"]:
        options["withCheckOption"] = "cascaded"
    check = f"\nWITH {options['withCheckOption']} CHECK OPTION" if options["withCheckOption"] else ""
    algorithm, security = options["algorithm"] or "undefined", options["sqlSecurity"] or "definer"
    text = f"CREATE ALGORITHM = {algorithm}\nSQL SECURITY {security}\nVIEW `{view.name}` AS ({query}){check};"
    return [Statement(text, view.place)]
