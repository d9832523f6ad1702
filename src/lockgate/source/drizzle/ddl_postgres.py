"""Write schemas, enums, sequences, roles, tables, views and policies as drizzle-kit does for PostgreSQL."""

from __future__ import annotations

import re

from lockgate.source.drizzle.columns import Builder, Column
from lockgate.source.drizzle.ddl_mysql import quoted, unreadable
from lockgate.source.drizzle.pg_extras import (
    identity_text,
    policy_statement,
    role_statement,
    sequence_statement,
    view_statement,
)
from lockgate.source.drizzle.pg_objects import Enum, Policy, Role, SchemaObject, Sequence
from lockgate.source.drizzle.resolve import ForeignKey, IndexOf, IndexPart, Resolved, Resolver, Statement, cut
from lockgate.source.drizzle.sqltext import Sql
from lockgate.source.drizzle.tables import Table
from lockgate.source.drizzle.values import (
    UNDEFINED,
    JsDate,
    Unknown,
    Value,
    is_nullish,
    json_of,
    text_of,
)
from lockgate.source.drizzle.views import View

_NATIVE = (
    "uuid smallint integer bigint boolean text varchar serial bigserial decimal numeric real json jsonb time timestamp"
    " date interval double\u00a0precision char vector geometry halfvec sparsevec bit"
)
_NATIVE_TYPES = tuple(word.replace("\u00a0", " ") for word in _NATIVE.split(" "))
_ARRAY = re.compile(r"\[\d*(?:\[\d*\])*\]")


def write_postgres(
    resolver: Resolver,
    tables: list[Resolved],
    views: list[View],
    enums: list[Enum],
    schemas: list[SchemaObject],
    sequences: list[Sequence],
    roles: list[Role],
    policies: list[Policy],
) -> list[Statement]:
    """Return the statements in drizzle-kit's order."""
    statements = [Statement(f'CREATE SCHEMA "{s.name}";', s.place) for s in schemas if s.name != "public"]
    statements += [_enum(enum) for enum in enums]
    statements += [sequence_statement(resolver, sequence) for sequence in sequences]
    statements += [role_statement(resolver, role) for role in roles if not role.is_existing]
    for resolved in tables:
        statements += _table(resolver, resolved, _linked(resolved, policies))
    for resolved in tables:
        statements += [_foreign_key(resolved, key) for key in resolved.foreign_keys.values()]
    for resolved in tables:
        statements += [_index(resolver, resolved.table, index) for index in resolved.indexes]
    statements += [s for view in sorted(views, key=lambda v: v.is_materialized) for s in view_statement(resolver, view)]
    for resolved in tables:
        own = [*resolved.policies, *_linked(resolved, policies)]
        statements += [policy_statement(resolver, policy, resolved.table) for policy in own]
    declared = {id(resolved.table) for resolved in tables}
    return statements + [
        policy_statement(resolver, policy, policy.table, is_separate=True)
        for policy in policies
        if isinstance(policy.table, Table) and id(policy.table) not in declared
    ]


def _linked(resolved: Resolved, policies: list[Policy]) -> list[Policy]:
    return [policy for policy in policies if policy.table is resolved.table]


def table_name(table: Table) -> str:
    """Return a table's quoted name."""
    return f'"{table.schema}"."{table.name}"' if table.schema else f'"{table.name}"'


def _enum(enum: Enum) -> Statement:
    values = ", ".join(quoted(value) for value in enum.values)
    return Statement(f'CREATE TYPE "{enum.schema or "public"}"."{enum.name}" AS ENUM({values});', enum.place)


def _table(resolver: Resolver, resolved: Resolved, linked: list[Policy]) -> list[Statement]:
    table = resolved.table
    columns = {resolver.column_name(c): _column(resolver, c) for c in table.columns.values()}
    lines = list(columns.values())
    for key in list(resolved.primary_keys.values())[:1]:
        lines.append(f'CONSTRAINT "{key.name}" PRIMARY KEY("{_quote_list(key.columns)}")')
    for unique in resolved.uniques:
        nulls = " NULLS NOT DISTINCT" if unique.is_nulls_not_distinct else ""
        lines.append(f'CONSTRAINT "{unique.name}" UNIQUE{nulls}("{_quote_list(unique.columns)}")')
    for check in resolved.checks:
        lines.append(f'CONSTRAINT "{check.name}" CHECK ({cut(check.expression)})')
    body = ",\n\t".join(lines)
    made = [Statement(f"CREATE TABLE {table_name(table)} (\n\t{body}\n);", table.place)]
    if table.has_row_security or resolved.policies or linked:
        made.append(Statement(f"ALTER TABLE {table_name(table)} ENABLE ROW LEVEL SECURITY;", table.place))
    return made


def _quote_list(columns: tuple[str, ...]) -> str:
    return '","'.join(columns)


def _column(resolver: Resolver, column: Column) -> str:
    builder = column.builder
    what = f"the column `{column.key}` of the table {column.table.shown}"
    text = f'"{resolver.column_name(column)}" {written_type(builder)}'
    if builder.is_primary:
        text += " PRIMARY KEY"
    if builder.default is not UNDEFINED:
        text += f" DEFAULT {_default(resolver, column, what)}"
    if builder.generated is not None:
        text += f" GENERATED ALWAYS AS ({resolver.expression(builder.generated[0], what, builder.place)}) STORED"
    if builder.is_not_null and builder.identity is None:
        text += " NOT NULL"
    if builder.identity is not None:
        text += identity_text(resolver.column_name(column), column.table, builder)
    return text


def written_type(builder: Builder) -> str:
    """Write a type: those drizzle-kit knows by their first letters as they are, others as a quoted name."""
    text = builder.sql_type
    array = "".join(_ARRAY.findall(text))
    plain = _ARRAY.sub("", text)
    if text.startswith(_NATIVE_TYPES):
        return plain + array
    enum = builder.type_enum
    schema = enum.schema if enum is not None and not enum.is_object else ""
    return (f'"{schema}".' if schema and schema != "public" else "") + f'"{plain}"{array}'


def _default(resolver: Resolver, column: Column, what: str) -> str:
    builder, value = column.builder, column.builder.default
    what = f"the default of {what}"
    if isinstance(value, Sql):
        return resolver.default_text(value, what, builder.place)
    if unreadable(resolver, value, what, column):
        return "NULL"
    kind = builder.sql_type.lower()
    if isinstance(value, str):
        return quoted(value)
    if kind in ("json", "jsonb"):
        return f"'{json_of(value)}'::{kind}"
    if isinstance(value, JsDate):
        return f"'{_date(value, kind)}'"
    if "[" in kind and isinstance(value, list):
        return f"'{_array(value, kind.split('[')[0])}'"
    return text_of(value)


def _date(value: JsDate, kind: str) -> str:
    if kind == "date":
        return value.iso.split("T")[0]
    return value.iso.replace("T", " ")[:23] if kind == "timestamp" else value.iso


def _array(values: list[Value], kind: str) -> str:
    return "{" + ",".join(_element(value, kind) for value in values) + "}"


def _element(value: Value, kind: str) -> str:
    match value:
        case bool() | int() | float():
            return text_of(value)
        case list():
            return _array(value, kind)
        case JsDate():
            return f'"{_date(value, kind)}"'
        case dict() | None:
            return '"' + json_of(value).replace('"', '\\"') + '"'
    return f'"{text_of(value)}"'


def _foreign_key(resolved: Resolved, key: ForeignKey) -> Statement:
    columns, foreign = (",".join(f'"{c}"' for c in group) for group in (key.columns, key.foreign_columns))
    target = f'"{key.table.schema or "public"}"."{key.table.name}"'
    text = (
        f'ALTER TABLE {table_name(resolved.table)} ADD CONSTRAINT "{key.name}" FOREIGN KEY ({columns})'
        f" REFERENCES {target}({foreign}) ON DELETE {key.on_delete} ON UPDATE {key.on_update};"
    )
    return Statement(text, key.place)


def _index(resolver: Resolver, table: Table, index: IndexOf) -> Statement:
    builder = index.builder
    what = f"the index {index.name}"
    unique = "UNIQUE " if builder.is_unique else ""
    concurrently = " CONCURRENTLY" if builder.is_concurrent else ""
    if isinstance(builder.method, Unknown):
        resolver.problem(what, builder.method, index.place)
    options = _index_options(resolver, builder.options, what, index)
    where = ""
    if builder.where is not UNDEFINED:
        where = f" WHERE {cut(resolver.expression(builder.where, what, index.place))}"
    columns = ",".join(_index_part(part) for part in index.columns)
    text = (
        f'CREATE {unique}INDEX{concurrently} "{index.name}" ON {table_name(table)} USING {text_of(builder.method)}'
        f" ({columns}){options}{where};"
    )
    return Statement(text, index.place)


def _index_options(resolver: Resolver, options: Value, what: str, index: IndexOf) -> str:
    if is_nullish(options):
        return ""
    if not isinstance(options, dict) or any(isinstance(value, Unknown) for value in options.values()):
        resolver.problem(what, options, index.place, "its storage options are not known")
        return ""
    return " WITH (" + ",".join(f"{key}={text_of(value)}" for key, value in options.items()) + ")" if options else ""


def _index_part(part: IndexPart) -> str:
    if part.column is None:
        return part.text
    column = part.column
    if column.operator_class:
        return f'"{part.text}" {column.operator_class}'
    is_ascending = column.order == "asc"
    order = "" if is_ascending else " DESC"
    nulls = "" if is_ascending and column.nulls == "last" else f" NULLS {column.nulls.upper()}"
    return f'"{part.text}"{order}{nulls}'
