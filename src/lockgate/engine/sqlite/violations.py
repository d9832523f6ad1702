"""Which rows of one table a stricter definition does not allow; pure."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.engine.sqlite.relax import Slack
from lockgate.engine.sqlite.tokens import fold, literal, quote, tokenize
from lockgate.engine.sqlite.values import column_affinity, find_column, is_strict
from lockgate.model.schema import Column, Table

_STORED = {"int": "integer", "integer": "integer", "real": "real", "text": "text", "blob": "blob"}


@dataclass(frozen=True)
class Violation:
    """One constraint that rows written under another definition may break.

    ``condition`` is true for a row that breaks it, with bare column names; ``columns`` are those it is about;
    ``message`` is what SQLite would say.
    """

    kind: str
    condition: str
    columns: tuple[str, ...]
    message: str
    expression: str = ""


def violations(current: Table, target: Table) -> tuple[Violation, ...]:
    """Return what rows that ``current`` allows may break in ``target``: NOT NULL, CHECK, types of a STRICT table."""
    found = [_null(target, c) for c in target.columns if _may_be_null(current, c)]
    found += [
        _check(target, check.expression)
        for check in target.checks
        if check not in current.checks or not _types_stay(check.expression, current, target)
    ]
    if is_strict(target):
        found += [_type(target, c) for c in target.columns if _may_have_other_type(current, c)]
    return tuple(found)


def any_of(found: tuple[Violation, ...]) -> str:
    """Return the condition that a row breaks one of these."""
    return " OR ".join(f"({v.condition})" for v in found)


def slack_for(found: tuple[Violation, ...]) -> Slack:
    """Return what a definition leaves out so that rows which break these may stay."""
    return Slack(
        not_null=frozenset(fold(v.columns[0]) for v in found if v.kind == "not_null"),
        checks=frozenset(v.expression for v in found if v.kind == "check"),
        references=False,
        strict=any(v.kind == "strict" for v in found),
    )


def _may_be_null(current: Table, column: Column) -> bool:
    was = find_column(current, column.name)
    if column.is_nullable or was is None:  # a column that rows have not yet is filled
        return False
    return was.is_nullable or (was.generated is None) != (column.generated is None)


def _null(table: Table, column: Column) -> Violation:
    name = quote(column.name)
    return Violation(
        "not_null", f"{name} IS NULL", (column.name,), f"NOT NULL constraint failed: {table.name}.{column.name}"
    )


def _check(table: Table, expression: str) -> Violation:
    names = {fold(t.name) for t in tokenize(expression) if t.kind in ("word", "quoted")}
    columns = tuple(c.name for c in table.columns if fold(c.name) in names)
    return Violation("check", f"NOT ({expression})", columns, f"CHECK constraint failed: {expression}", expression)


def _types_stay(expression: str, current: Table, target: Table) -> bool:
    names = {fold(t.name) for t in tokenize(expression) if t.kind in ("word", "quoted")}
    for column in target.columns:
        if fold(column.name) in names:
            was = find_column(current, column.name)
            if was is None or column_affinity(current, was) != column_affinity(target, column):
                return False
            if was.generated != column.generated or was.collation != column.collation:
                return False
    return True


def _may_have_other_type(current: Table, column: Column) -> bool:
    was = find_column(current, column.name)
    if fold(column.type) == "any" or was is None:
        return False
    return not is_strict(current) or fold(was.type) != fold(column.type)


def _type(table: Table, column: Column) -> Violation:
    stored = _STORED.get(fold(column.type), fold(column.type))
    message = f"cannot store this value in {column.type.upper()} column {table.name}.{column.name}"
    condition = f"typeof({quote(column.name)}) NOT IN ({literal(stored)}, 'null')"
    return Violation("strict", condition, (column.name,), message)
