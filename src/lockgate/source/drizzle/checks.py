"""What is wrong with a Drizzle schema though it can be read: the findings of its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from lockgate.errors import SourceError
from lockgate.model.finding import Finding, Severity
from lockgate.model.rule import Rule
from lockgate.source.drizzle import names, rules
from lockgate.source.drizzle.collect import Exported
from lockgate.source.drizzle.modules import World
from lockgate.source.drizzle.pg_objects import Enum
from lockgate.source.drizzle.resolve import CheckOf, ForeignKey, IndexOf, KeyOf, Resolved
from lockgate.source.drizzle.tables import Problem, Table
from lockgate.source.drizzle.values import Place

Named = KeyOf | IndexOf | CheckOf | ForeignKey


@dataclass(frozen=True)
class Limits:
    """Of a dialect: the longest name, whether it is cut or refused, and where index names must be unique."""

    longest: int
    is_cut: bool
    index_scope: str


LIMITS = {
    "mysql": Limits(64, False, "table"),
    "postgresql": Limits(63, True, "schema"),
    "sqlite": Limits(0, False, "database"),
}
"""By drizzle's own word for the dialect."""


def check_names(resolved: list[Resolved], dialect: str) -> tuple[list[Finding], list[Finding]]:
    """Return findings that block (the database would refuse), and others, on lengths and repeated names."""
    limits = LIMITS[dialect]
    blocking: list[Finding] = []
    others: list[Finding] = []
    for name, place, table in _all_names(resolved):
        if limits.longest and len(name.encode() if limits.is_cut else name) > limits.longest:
            finding = _too_long(name, place, table, limits)
            (others if limits.is_cut else blocking).append(finding)
    blocking += _same_in_table(resolved)
    blocking += _same_index(resolved, limits)
    return blocking, others


def _all_names(resolved: list[Resolved]) -> Iterator[tuple[str, Place, Table]]:
    for item in resolved:
        groups: tuple[Iterable[Named], ...] = (
            item.foreign_keys.values(),
            item.uniques,
            item.primary_keys.values(),
            item.indexes,
            item.checks,
        )
        for group in groups:
            for thing in group:
                yield thing.name, thing.place, item.table


def _too_long(name: str, place: Place, table: Table, limits: Limits) -> Finding:
    then = (
        f"PostgreSQL cuts it to {limits.longest} bytes"
        if limits.is_cut
        else f"drizzle-kit writes it all the same and the server refuses more than {limits.longest}"
    )
    severity = Severity.WARNING if limits.is_cut else Severity.CRITICAL
    message = f"the name {name} has {len(name)} characters; {then}"
    return _found(rules.LONG_NAME, message, place, f"{table.shown}.{name}", severity)


def _same_in_table(resolved: list[Resolved]) -> Iterator[Finding]:
    for item in resolved:
        groups: tuple[tuple[str, Iterable[Named]], ...]
        groups = (("unique constraint", item.uniques), ("check", item.checks))
        for what, things in groups:
            seen: set[str] = set()
            for thing in things:
                if thing.name in seen:
                    message = (
                        f"the table {item.table.shown} has two {what}s named {thing.name}; drizzle-kit stops at that"
                    )
                    yield _found(rules.SAME_NAME, message, thing.place, f"{item.table.shown}.{thing.name}")
                seen.add(thing.name)


def _same_index(resolved: list[Resolved], limits: Limits) -> Iterator[Finding]:
    seen: dict[tuple[str, str], tuple[Table, Place]] = {}
    for item in resolved:
        uniques = item.uniques if limits.index_scope != "table" else []
        things: list[Named] = [*item.indexes, *uniques]
        for thing in things:
            scope = {"table": item.table.shown, "schema": item.table.schema, "database": ""}[limits.index_scope]
            key = (scope, thing.name)
            if key not in seen:
                seen[key] = (item.table, thing.place)
            elif seen[key][0] is not item.table or thing in item.indexes:
                first, place = seen[key]
                message = (
                    f"the index {thing.name} of the table {item.table.shown} is named like one of {first.shown}"
                    f" ({place.file}:{place.line}); names must be unique in a {limits.index_scope}"
                )
                yield _found(rules.SAME_NAME, message, thing.place, f"{item.table.shown}.{thing.name}")


def check_twice(tables: list[Table], casing: str) -> tuple[list[Table], list[Finding], list[Finding]]:
    """Return the tables drizzle-kit keeps (the last of each name), findings that block, and others."""
    kept: dict[tuple[str, str], Table] = {}
    blocking, others = [], []
    for table in tables:
        first = kept.get((table.schema, table.name))
        kept[table.schema, table.name] = table
        if first is None:
            continue
        differing = sorted(_columns(first, casing) ^ _columns(table, casing))
        place = f"{first.place.file}:{first.place.line}"
        message = f"the table {table.shown} is declared here and at {place}; drizzle-kit takes this one"
        if differing:
            message += f", and they differ in {', '.join(sorted({name for name, _ in differing}))}"
            blocking.append(_found(rules.TABLE_TWICE, message, table.place, table.shown))
        else:
            message += ", with the same columns"
            others.append(_found(rules.TABLE_TWICE, message, table.place, table.shown, Severity.WARNING))
    return list(kept.values()), blocking, others


def _columns(table: Table, casing: str) -> set[tuple[str, str]]:
    return {(c.db_name(casing), f"{c.builder.sql_type} {c.builder.is_not_null}") for c in table.columns.values()}


def check_columns(tables: list[Table], casing: str) -> Iterator[Finding]:
    """Find columns whose name is a surprise."""
    for table in tables:
        yield from _constant_names(table)
        found = [c.db_name(casing) for c in table.columns.values()]
        camel = [n for n in found if "_" not in n and any(a.islower() and b.isupper() for a, b in pairwise(n))]
        snake = [name for name in found if "_" in name.strip("_")]
        if camel and snake:
            message = (
                f"the table {table.shown} mixes names like {camel[0]} ({len(camel)}) and {snake[0]} ({len(snake)})"
            )
            yield _found(rules.MIXED_CASE, message, table.place, table.shown)


def _constant_names(table: Table) -> Iterator[Finding]:
    """A builder that was made before its table was named, under a property that says something else."""
    for key, column in table.columns.items():
        builder = column.builder
        if _is_same(key, column.name) or not builder.is_constant:
            continue
        if builder.is_key_name:
            first = next((f"{t}.{k}" for t, k in builder.users if k != key), table.shown)
            message = (
                f"`{key}` of the table {table.shown} becomes the column {column.name}: {first} named its constant first"
            )
        else:
            message = f"`{key}` of the table {table.shown} becomes the column {column.name}, as its constant says"
        yield _found(rules.CONSTANT_NAME, message, builder.place, f"{table.shown}.{column.name}")


def _is_same(key: str, name: str) -> bool:
    return names.to_snake_case(key).replace("_", "") == names.to_snake_case(name).replace("_", "")


def check_exports(world: World, exported: Exported, made: list[Table]) -> tuple[list[Finding], list[Finding]]:
    """Return findings that block and others on what is declared in loaded files but not exported."""
    blocking, others = [], []
    known = {id(table) for table in (*exported.tables, *exported.others)}
    for table in made:
        if id(table) not in known and table.place.file in {module.shown for module in world.modules.values()}:
            message = f"the table {table.shown} is declared, but no entry file exports it; drizzle-kit does not see it"
            others.append(_found(rules.UNEXPORTED, message, table.place, table.shown))
    enums = {id(enum) for enum in exported.enums}
    schemas = {schema.name for schema in exported.schemas}
    for table in exported.tables:
        for column in table.columns.values():
            enum = column.builder.type_enum
            if isinstance(enum, Enum) and id(enum) not in enums:
                enums.add(id(enum))
                message = (
                    f"the enum {enum.name} is used by {table.shown}.{column.name}, but no entry file exports it;"
                    " drizzle-kit makes no type for it"
                )
                blocking.append(_found(rules.UNEXPORTED, message, enum.place, enum.name, Severity.CRITICAL))
        if table.schema and table.schema not in schemas and "array" in table.dialect.traits:
            schemas.add(table.schema)
            message = (
                f"the schema {table.schema} of the table {table.shown} is not exported; drizzle-kit does not make it"
            )
            blocking.append(_found(rules.UNEXPORTED, message, table.place, table.schema, Severity.CRITICAL))
    return blocking, others


def check_files(
    world: World, neighbours: list[Path], tables: list[Table], made: list[Table], casing: str
) -> list[Finding]:
    """Find files beside the schema that declare tables and that nothing reached. Call last: it loads them."""
    known = {table.shown: table for table in tables}
    findings = []
    for path in neighbours:
        if path.resolve() in world.modules:
            continue
        before = len(made)
        shown = world.show(path.resolve())
        try:
            world.load(path)
        except SourceError as error:
            message = f"no entry file reaches this file, and whether it declares tables is not known: {error.cause}"
            findings.append(_found(rules.UNREACHED_FILE, message, Place(shown, 1), shown))
            continue
        own = [table for table in made[before:] if table.place.file == shown]
        if not own:
            continue
        listed = ", ".join(table.shown for table in own[:5]) + (f" and {len(own) - 5} more" if len(own) > 5 else "")
        message = f"no entry file reaches this file; it declares {listed}"
        for table in own:
            twin = known.get(table.shown)
            if twin is not None and _columns(twin, casing) != _columns(table, casing):
                place = f"{twin.place.file}:{twin.place.line}"
                message += f"; its {table.shown} has other columns than the one at {place}, which drizzle-kit takes"
        findings.append(_found(rules.UNREACHED_FILE, message, Place(shown, own[0].place.line), own[0].shown))
    return findings


def _found(rule: Rule, message: str, place: Place, name: str, severity: Severity | None = None) -> Finding:
    return rule.found(message, file=place.file, line=place.line, object=name, severity=severity)


def unread_findings(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Turn problems into findings, each once."""
    found = {
        rules.UNREAD.found(f"{p.what} cannot be read: {p.why}", file=p.place.file, line=p.place.line) for p in problems
    }
    return tuple(sorted(found, key=lambda f: (f.file, f.line, f.message)))
