"""Where drizzle-kit writes something else than was declared: texts that it packs between marks and takes apart."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.model.finding import Finding
from lockgate.source.drizzle import rules
from lockgate.source.drizzle.resolve import IndexOf, Resolved
from lockgate.source.drizzle.sqltext import Sql
from lockgate.source.drizzle.tables import Table
from lockgate.source.drizzle.values import Place, text_of


def check_mangled(resolved: list[Resolved], param: str) -> tuple[list[Finding], list[Finding]]:
    """Return findings that block (what is written cannot be run) and others.

    Args:
        param: How the dialect writes parameters; those that do not number them pack expressions with commas.
    """
    blocking: list[Finding] = []
    others: list[Finding] = []
    is_packed_with_commas = "{" not in param
    for item in resolved:
        others += _enums(item.table)
        for check in item.checks:
            if ";" in check.expression:
                others.append(_cut(item.table, f"the check {check.name}", check.place))
        for index in item.indexes:
            if _has(index, ";"):
                others.append(_cut(item.table, f"the index {index.name}", index.place))
            if is_packed_with_commas and any(part.is_expression and "," in part.text for part in index.columns):
                what = f"the index {index.name} of the table {item.table.shown} is on an expression with a comma"
                message = f"{what}; drizzle-kit takes it apart there, and writes what no server accepts"
                blocking.append(_found(message, index.place, item.table))
    return blocking, others


def _enums(table: Table) -> Iterator[Finding]:
    for column in table.columns.values():
        values = column.builder.options.get("enum")
        if column.builder.kind.name != "mysqlEnum" or not isinstance(values, (list, tuple)):
            continue
        declared = "enum(" + ",".join("'" + text_of(v).replace("'", "''") + "'" for v in values) + ")"
        if column.builder.sql_type != declared:
            message = (
                f"the enum of {table.shown}.{column.name} has a value with a comma or parenthesis;"
                f" drizzle-kit writes {column.builder.sql_type}"
            )
            yield _found(message, column.builder.place, table)


def _has(index: IndexOf, mark: str) -> bool:
    where = index.builder.where
    parts = [part.text for part in index.columns if part.is_expression]
    if isinstance(where, Sql):
        parts += [getattr(chunk, "value", "") for chunk in where.chunks]
    return any(mark in part for part in parts if isinstance(part, str))


def _cut(table: Table, what: str, place: Place) -> Finding:
    return _found(
        f"{what} of the table {table.shown} holds a `;`; drizzle-kit leaves out what follows it", place, table
    )


def _found(message: str, place: Place, table: Table) -> Finding:
    return rules.MANGLED.found(message, file=place.file, line=place.line, object=table.shown)
