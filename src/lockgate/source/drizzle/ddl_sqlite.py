"""Write tables and views as drizzle-kit does for SQLite and libSQL."""

from __future__ import annotations

from lockgate.source.drizzle.columns import Column
from lockgate.source.drizzle.ddl_mysql import index_columns, quoted, unreadable
from lockgate.source.drizzle.resolve import ForeignKey, IndexOf, KeyOf, Resolved, Resolver, Statement, cut
from lockgate.source.drizzle.sqltext import Sql
from lockgate.source.drizzle.values import UNDEFINED, JsDate, Value, json_of, text_of
from lockgate.source.drizzle.views import View


def write_sqlite(resolver: Resolver, tables: list[Resolved], views: list[View]) -> list[Statement]:
    """Return the statements: tables with their foreign keys, indexes, views."""
    statements = [_table(resolver, resolved) for resolved in tables]
    for resolved in tables:
        statements += _indexes(resolver, resolved)
    return statements + [s for view in views for s in _view(resolver, view)]


def _table(resolver: Resolver, resolved: Resolved) -> Statement:
    table = resolved.table
    single = {key.columns[0] for key in resolved.primary_keys.values() if len(key.columns) == 1}
    columns = {resolver.column_name(c): _column(resolver, c, single) for c in table.columns.values()}
    lines = list(columns.values())
    for key in resolved.primary_keys.values():
        if len(key.columns) > 1:
            lines.append(f"PRIMARY KEY({', '.join(f'`{c}`' for c in key.columns)})")
    lines += [_foreign_key(key) for key in resolved.foreign_keys.values()]
    for check in resolved.checks:
        lines.append(f'CONSTRAINT "{check.name}" CHECK({cut(check.expression)})')
    body = ",\n\t".join(lines)
    return Statement(f"CREATE TABLE `{table.name}` (\n\t{body}\n);", table.place)


def _column(resolver: Resolver, column: Column, single: set[str]) -> str:
    builder = column.builder
    name = resolver.column_name(column)
    what = f"the column `{column.key}` of the table {column.table.shown}"
    text = f"`{name}` {builder.sql_type}"
    if builder.is_primary or name in single:
        text += " PRIMARY KEY"
    if builder.is_counted:
        text += " AUTOINCREMENT"
    if builder.default is not UNDEFINED:
        text += f" DEFAULT {_default(resolver, column, what)}"
    if builder.generated is not None:
        value, mode = builder.generated
        expression = resolver.expression(value, what, builder.place, is_short=True)
        text += f" GENERATED ALWAYS AS ({expression}) {(mode or 'virtual').upper()}"
    return text + (" NOT NULL" if builder.is_not_null else "")


def _default(resolver: Resolver, column: Column, what: str) -> str:
    value: Value = column.builder.default
    what = f"the default of {what}"
    if isinstance(value, Sql):
        return resolver.default_text(value, what, column.builder.place)
    if unreadable(resolver, value, what, column):
        return "NULL"
    if isinstance(value, str):
        return quoted(value)
    return f"'{json_of(value)}'" if isinstance(value, (dict, list, JsDate)) or value is None else text_of(value)


def _foreign_key(key: ForeignKey) -> str:
    columns, foreign = (",".join(f"`{c}`" for c in group) for group in (key.columns, key.foreign_columns))
    return (
        f"FOREIGN KEY ({columns}) REFERENCES `{key.table.name}`({foreign})"
        f" ON UPDATE {key.on_update} ON DELETE {key.on_delete}"
    )


def _indexes(resolver: Resolver, resolved: Resolved) -> list[Statement]:
    """Unique constraints are indexes here, those of columns first."""
    table, made = resolved.table, dict[str, Statement]()
    inline = [c.unique_name for c in table.columns.values() if c.builder.is_unique]
    keys = {True: resolved.uniques[: len(inline)], False: resolved.uniques[len(inline) :]}
    for key in keys[True]:
        made[key.name] = _unique(table.name, key)
    for index in resolved.indexes:
        made[index.name] = _index(resolver, table.name, index)
    for key in keys[False]:
        made[key.name] = _unique(table.name, key)
    return list(made.values())


def _unique(table: str, key: KeyOf) -> Statement:
    columns = ",".join(f"`{c}`" for c in key.columns)
    return Statement(f"CREATE UNIQUE INDEX `{key.name}` ON `{table}` ({columns});", key.place)


def _index(resolver: Resolver, table: str, index: IndexOf) -> Statement:
    unique = "UNIQUE " if index.builder.is_unique else ""
    where = ""
    if index.builder.where is not UNDEFINED:
        what = f"the condition of the index {index.name}"
        where = f" WHERE {cut(resolver.expression(index.builder.where, what, index.place))}"
    columns = index_columns(index.columns)
    return Statement(f"CREATE {unique}INDEX `{index.name}` ON `{table}` ({columns}){where};", index.place)


def _view(resolver: Resolver, view: View) -> list[Statement]:
    resolver.problems += view.problems
    if view.query is None:
        return []
    query = resolver.expression(view.query, f"the view {view.name}", view.place)
    return [Statement(f"CREATE VIEW `{view.name}` AS {query};", view.place)]
