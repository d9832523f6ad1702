"""Soft delete and the team's own rules: names, required columns, forbidden types; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.model.finding import Finding
from lockgate.model.keys import constraints_of
from lockgate.model.schema import Check, Column, Exclusion, ForeignKey, PrimaryKey, Schema, Table, Unique
from lockgate.verify.conventions import rules
from lockgate.verify.conventions.settings import OwnRule, SoftDeleteConvention
from lockgate.verify.conventions.tables import column_of, guess, matching, matching_any
from lockgate.verify.defects.lookup import own_tables, path_of

_CONSTRAINTS: dict[str, tuple[type, ...]] = {
    "primary_key": (PrimaryKey,),
    "unique": (Unique,),
    "foreign_key": (ForeignKey,),
    "check": (Check,),
    "constraint": (PrimaryKey, Unique, ForeignKey, Check, Exclusion),
}


def soft_deleting(schema: Schema, convention: SoftDeleteConvention) -> tuple[list[Table], list[Table]]:
    """Return the tables with and without a soft delete column."""
    tables = own_tables(schema)
    having = [t for t in tables if column_of(t, *convention.columns)]
    return having, [t for t in tables if column_of(t, *convention.columns) is None]


def check_soft_delete(schema: Schema, convention: SoftDeleteConvention) -> Iterator[Finding]:
    """Yield tables that must delete softly and cannot, columns that do not take NULL, and tables nobody spoke of."""
    having, lacking = soft_deleting(schema, convention)
    for table in having:
        column = column_of(table, *convention.columns)
        if column is not None and not column.is_nullable:
            path = path_of(table, column.name)
            yield rules.SOFT_DELETE_NOT_NULLABLE.found(f"{path} does not take NULL", object=path)
    must = {path_of(t) for t in matching_any(schema, convention.tables, convention.without)}
    for table in lacking:
        if path_of(table) in must:
            message = f"{table.name} has none of {', '.join(convention.columns)}"
            yield rules.SOFT_DELETE_MISSING.found(message, object=path_of(table))
    agreed = must | {path_of(t) for t in matching_any(schema, convention.without)}
    open_ones = [t.name for t in lacking if path_of(t) not in agreed]
    if open_ones and (having or convention.tables):
        plural = "s" if len(having) != 1 else ""
        message = f"{len(having)} table{plural} with {' or '.join(convention.columns)}, {len(lacking)} without"
        without = f"; nobody says what is agreed of {len(open_ones)}: {', '.join(sorted(open_ones))}"
        yield rules.SOFT_DELETE_COVERAGE.found(message + without)
    yield from _unused(schema, (*convention.tables, *convention.without), "conventions.soft_delete")


def check_own_rule(schema: Schema, rule: OwnRule) -> Iterator[Finding]:
    """Yield what breaks one rule of the team's own."""
    yield from _unused(schema, (*rule.tables, *rule.without), f"the rule {rule.name}")
    tables = matching_any(schema, rule.tables, rule.without)
    if rule.requires is not None:
        for table in tables:
            problem = _required_problem(table, rule)
            if problem:
                yield _found(rule, f"{table.name}: {problem}", path_of(table))
    elif rule.forbids_type:
        for table, column in _columns(tables, rule):
            if re.search(rule.forbids_type, column.type, re.I):
                path = path_of(table, column.name)
                yield _found(rule, f"{path} is {column.type}, which is forbidden", path)
    else:
        for what, path, name in _named(schema, tables, rule):
            if not re.search(rule.matches, name):
                yield _found(rule, f"the {what} {name} does not match {rule.matches}", path)


def _found(rule: OwnRule, message: str, path: str) -> Finding:
    words = f"{rule.message}: {message}" if rule.message else message
    found = rules.CONVENTION_OWN.found(words, object=path, severity=rule.severity)
    return Finding(
        code=rule.code,
        severity=found.severity,
        message=found.message,
        object=found.object,
        next_step=found.next_step,
    )


def _required_problem(table: Table, rule: OwnRule) -> str:
    required = rule.requires
    assert required is not None
    column = column_of(table, required.name)
    if column is None:
        return f"there is no column {required.name}"
    if required.type and not re.search(required.type, column.type, re.I):
        return f"{column.name} is {column.type}, which does not match {required.type}"
    if required.is_nullable is not None and column.is_nullable != required.is_nullable:
        return f"{column.name} {'takes NULL' if column.is_nullable else 'does not take NULL'}"
    return ""


def _columns(tables: list[Table], rule: OwnRule) -> Iterator[tuple[Table, Column]]:
    for table in tables:
        for column in table.columns:
            if re.search(rule.columns, column.name):
                yield table, column


def _named(schema: Schema, tables: list[Table], rule: OwnRule) -> Iterator[tuple[str, str, str]]:
    """Yield kind in words, dotted name and own name of everything of the rule's kind."""
    if rule.kind == "view":
        for definition in schema.definitions:
            if definition.kind in ("view", "materialized_view"):
                path = ".".join(part for part in (definition.namespace, definition.name) if part)
                yield "view", path, definition.name
        return
    for table in tables:
        if rule.kind == "table":
            yield "table", path_of(table), table.name
        elif rule.kind == "column":
            for _, column in _columns([table], rule):
                yield "column", path_of(table, column.name), column.name
        elif rule.kind == "index":
            for index in table.indexes:
                yield "index", path_of(table, index.name), index.name
        else:
            for constraint in constraints_of(table):
                if isinstance(constraint, _CONSTRAINTS[rule.kind]) and constraint.name:
                    yield rule.kind.replace("_", " "), path_of(table, constraint.name), constraint.name


def _unused(schema: Schema, patterns: tuple[str, ...], where: str) -> Iterator[Finding]:
    for pattern in dict.fromkeys(patterns):
        if pattern != "*" and not matching(schema, pattern):
            message = f"{pattern} of {where} fits no table{guess(schema, pattern)}"
            yield rules.CONVENTION_WITHOUT_TABLES.found(message, object=pattern)
