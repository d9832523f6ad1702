"""Write the one ALTER TABLE that leads from one state of a table to another; its inverse is the swapped call; pure.

Foreign keys are not part of it: they have statements of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.mysql.inspect_programs import names_in
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.engine.mysql.render import (
    option_names,
    render_check,
    render_column,
    render_index,
    render_option,
    render_partitioning,
    render_primary_key,
)
from lockgate.engine.mysql.server import has_ignored_indexes, keeps_explicit_collation
from lockgate.engine.mysql.show_create import has_charset
from lockgate.errors import UnsupportedChange
from lockgate.model.schema import Check, Column, Index, Table
from lockgate.model.server import Server


class Clause(NamedTuple):
    """One clause of an ALTER TABLE; ``kind`` is what `locks` looks up."""

    kind: str
    sql: str


_RESET = {
    "row_format": "DEFAULT",
    "key_block_size": "0",
    "stats_persistent": "DEFAULT",
    "stats_auto_recalc": "DEFAULT",
    "stats_sample_pages": "DEFAULT",
    "pack_keys": "DEFAULT",
    "checksum": "0",
    "table_checksum": "0",
    "delay_key_write": "0",
    "avg_row_length": "0",
    "max_rows": "0",
    "min_rows": "0",
    "compression": "'NONE'",
    "encryption": "'N'",
    "connection": "''",
    "insert_method": "NO",
    "transactional": "0",
    "autoextend_size": "0",
    "engine_attribute": "''",
    "secondary_engine_attribute": "''",
    "secondary_engine": "NULL",
    "page_compressed": "DEFAULT",
    "page_compression_level": "DEFAULT",
    "encrypted": "DEFAULT",
    "encryption_key_id": "DEFAULT",
    "page_checksum": "0",
}


def alter_clauses(a: Table, b: Table, server: Server, renames: Mapping[str, str] | None = None) -> list[Clause]:
    """Return the clauses that lead from ``a`` to ``b``; empty when nothing but foreign keys or the order differs.

    ``renames`` maps names of columns of ``a`` to their names in ``b``.
    """
    renames = renames or {}
    rebuilt = rebuilt_columns(a, b, renames)
    clauses = [*_drop_keys(a, b, rebuilt, renames), *_drop_columns(a, b, rebuilt, renames)]
    clauses += _change_columns(a, b, rebuilt, renames, server)
    clauses += _add_keys(a, b, rebuilt, renames, server)
    clauses += _change_options(a, b)
    return clauses


def alter_statement(a: Table, b: Table, server: Server, renames: Mapping[str, str] | None = None) -> str:
    """Return the ALTER TABLE from ``a`` to ``b``; empty when there is nothing to do."""
    clauses = [c.sql for c in alter_clauses(a, b, server, renames)]
    tail = _partition_clause(a, b)
    if not clauses and not tail:
        return ""
    return f"ALTER TABLE {quote_name(b.name)} " + ", ".join(clauses) + (" " if clauses and tail else "") + tail


def _partition_clause(a: Table, b: Table) -> str:
    if a.partitioning == b.partitioning:
        return ""
    return render_partitioning(b) or "REMOVE PARTITIONING"


def rebuilt_columns(a: Table, b: Table, renames: Mapping[str, str]) -> frozenset[str]:
    """Return names of generated columns that can only be dropped and added in one statement.

    Stored ones that turn virtual (or back), and those whose expression names a column that goes or is renamed, for
    which MySQL refuses the renaming and MariaDB rewrites the expression.
    """
    old = _by_new_name(a, renames)
    result = {c.name for c in b.columns if c.name in old and _kind(old[c.name]) != _kind(c)}
    moved = moved_columns(a, b, renames)
    while True:
        used = moved | result
        found = {c.name for c in b.columns if c.name in old and _mentions(old[c.name], used - {c.name})}
        if found <= result:
            return frozenset(result)
        result |= found


def moved_columns(a: Table, b: Table, renames: Mapping[str, str]) -> frozenset[str]:
    """Return names of columns of ``a`` that nothing (or something else) has in ``b``."""
    kept = {c.name for n, c in _by_new_name(a, renames).items() if n == c.name}
    return frozenset(c.name for c in a.columns if c.name not in kept or c.name not in {x.name for x in b.columns})


def _mentions(column: Column, names: frozenset[str] | set[str]) -> bool:
    return column.generated is not None and bool(names_in(column.generated.expression) & names)


def _by_new_name(a: Table, renames: Mapping[str, str]) -> dict[str, Column]:
    """Return the columns of ``a`` by their names in ``b``; one whose name another takes is left out: it goes."""
    found = {c.name: c for c in a.columns if c.name not in renames}
    found.update({renames[c.name]: c for c in a.columns if c.name in renames})
    return found


def _kind(column: Column) -> str:
    if column.generated is None:
        return "plain"
    return "stored" if column.generated.is_stored else "virtual"


def _moved_index(index: Index, renames: Mapping[str, str]) -> Index:
    """Return an index as it reads after the columns' renaming, which the server does by itself."""
    parts = tuple(replace(p, column=renames.get(p.column, p.column)) if p.column else p for p in index.parts)
    return replace(index, parts=parts)


def _index_plan(
    a: Table, b: Table, rebuilt: frozenset[str], renames: Mapping[str, str]
) -> tuple[list[Index], list[Index], list[tuple[Index, Index]], list[Index]]:
    """Return indexes to drop, to add, to rename (old, new), and to change in visibility."""
    old = {i.name: _moved_index(i, renames) for i in a.indexes}
    moved = moved_columns(a, b, renames)
    new = {i.name: i for i in b.indexes}
    drops, adds, shows = [], [], []
    for name, index in old.items():
        twin = new.get(name)
        if twin is None or _touches(index, rebuilt, moved) or replace(index, is_invisible=twin.is_invisible) != twin:
            drops.append(index)
        elif index != twin:
            shows.append(twin)
    kept = {i.name for i in old.values()} - {i.name for i in drops}
    adds = [i for name, i in new.items() if name not in kept]
    pairs: list[tuple[Index, Index]] = []
    for index in list(drops):
        if index.name.lower() in {name.lower() for name in new} or _touches(index, rebuilt, moved):
            continue
        twin = next((i for i in adds if i.name not in old and replace(i, name=index.name) == index), None)
        if twin is not None:
            drops.remove(index)
            adds.remove(twin)
            pairs.append((index, twin))
    return drops, adds, pairs, shows


def _touches(index: Index, columns: frozenset[str], moved: frozenset[str]) -> bool:
    """Tell whether an index holds one of the columns, or an expression that names one of them or a moved one."""
    expressions = [part.expression for part in index.parts if part.expression is not None]
    return any(part.column in columns for part in index.parts) or any(
        names_in(text) & (columns | moved) for text in expressions
    )


def _primary_key_changes(a: Table, b: Table, rebuilt: frozenset[str], renames: Mapping[str, str]) -> bool:
    if a.primary_key is None or b.primary_key is None:
        return a.primary_key is not b.primary_key
    parts = tuple(replace(p, column=renames.get(p.column or "", p.column)) for p in a.primary_key.parts)
    return replace(a.primary_key, parts=parts) != b.primary_key or any(p.column in rebuilt for p in parts)


def _check_key(check: Check) -> tuple[str, str, bool]:
    return check.name, check.expression, check.is_enforced


def _drop_keys(a: Table, b: Table, rebuilt: frozenset[str], renames: Mapping[str, str]) -> Iterable[Clause]:
    if a.primary_key is not None and _primary_key_changes(a, b, rebuilt, renames):
        yield Clause("drop_primary_key", "DROP PRIMARY KEY")
    for index in _index_plan(a, b, rebuilt, renames)[0]:
        yield Clause("drop_index", f"DROP INDEX {quote_name(index.name)}")
    kept = set(map(_check_key, b.checks))
    moved = moved_columns(a, b, renames) | rebuilt
    for check in a.checks:
        if _check_key(check) not in kept or names_in(check.expression) & moved:
            yield Clause("drop_check", f"DROP CONSTRAINT {quote_name(check.name)}")


def _drop_columns(a: Table, b: Table, rebuilt: frozenset[str], renames: Mapping[str, str]) -> Iterable[Clause]:
    new = {c.name for c in b.columns}
    kept = {column.name for column in _by_new_name(a, renames).values()}
    for column in a.columns:
        name = renames.get(column.name, column.name)
        if name not in new or name in rebuilt or column.name not in kept:
            yield Clause("drop_column", f"DROP COLUMN {quote_name(column.name)}")


def _change_columns(
    a: Table, b: Table, rebuilt: frozenset[str], renames: Mapping[str, str], server: Server
) -> Iterable[Clause]:
    old = _by_new_name(a, renames)
    last = next((renames.get(c.name, c.name) for c in reversed(a.columns)), None)
    previous: str | None = None
    collation_changes = dict(a.options).get("collation") != dict(b.options).get("collation")
    for column in b.columns:
        was = old.get(column.name)
        text = render_column(column, b, server)
        if was is None or column.name in rebuilt:
            place = " FIRST" if previous is None else f" AFTER {quote_name(previous)}"
            is_end = previous == last and column.name not in rebuilt
            yield Clause(_add_kind(column), f"ADD COLUMN {text}{'' if is_end else place}")
            last = column.name if is_end else last
        elif was.name != column.name:
            kind = "rename_column" if replace(was, name=column.name) == column else _modify_kind(was, column)
            yield Clause(kind, f"CHANGE COLUMN {quote_name(was.name)} {text}")
        elif was != column:
            yield Clause(_modify_kind(was, column), f"MODIFY COLUMN {text}")
        elif collation_changes and keeps_explicit_collation(server) and has_charset(column.type):
            yield Clause("modify_column", f"MODIFY COLUMN {text}")
        previous = column.name


def _add_kind(column: Column) -> str:
    if column.generated is not None:
        return "add_stored_column" if column.generated.is_stored else "add_virtual_column"
    if column.is_auto_increment:
        return "add_auto_increment"
    is_volatile = (
        column.default is not None and "(" in column.default and "CURRENT_TIMESTAMP" not in column.default.upper()
    )
    return "add_volatile_column" if is_volatile else "add_column"


def _modify_kind(was: Column, now: Column) -> str:
    facts = ("type", "charset", "collation", "generated", "is_auto_increment")
    if any(getattr(was, fact) != getattr(now, fact) for fact in facts) or was.options != now.options:
        return "modify_type"
    return "modify_nullable" if was.is_nullable != now.is_nullable else "modify_column"


def _add_keys(
    a: Table, b: Table, rebuilt: frozenset[str], renames: Mapping[str, str], server: Server
) -> Iterable[Clause]:
    if b.primary_key is not None and _primary_key_changes(a, b, rebuilt, renames):
        yield Clause("add_primary_key", f"ADD {render_primary_key(b.primary_key)}")
    _, adds, pairs, shows = _index_plan(a, b, rebuilt, renames)
    for old, new in pairs:
        yield Clause("rename_index", f"RENAME INDEX {quote_name(old.name)} TO {quote_name(new.name)}")
    for index in adds:
        kind = f"add_{index.kind}_index" if index.kind else "add_unique" if index.is_unique else "add_index"
        yield Clause(kind, f"ADD {render_index(index, server)}")
    hidden, shown = ("IGNORED", "NOT IGNORED") if has_ignored_indexes(server) else ("INVISIBLE", "VISIBLE")
    for index in shows:
        word = hidden if index.is_invisible else shown
        yield Clause("index_visibility", f"ALTER INDEX {quote_name(index.name)} {word}")
    moved = moved_columns(a, b, renames) | rebuilt
    kept = {_check_key(check) for check in a.checks if not names_in(check.expression) & moved}
    for check in b.checks:
        if _check_key(check) not in kept:
            yield Clause("add_check", f"ADD {render_check(check)}")


def _change_options(a: Table, b: Table) -> Iterable[Clause]:
    old, new = dict(a.options), dict(b.options)
    changed = [name for name in option_names(b) if old.get(name) != new[name]]
    if {"charset", "collation"} & set(changed):
        changed = [n for n in changed if n not in ("charset", "collation")]
        yield Clause("table_charset", f"DEFAULT CHARACTER SET={new['charset']} COLLATE={new['collation']}")
    for name in changed:
        yield Clause("engine" if name == "engine" else "table_option", render_option(name, new[name]))
    for name in option_names(a):
        if name not in new:
            default = _RESET.get(name.strip("`").lower())
            if default is None:
                raise UnsupportedChange(
                    f"the option {name} of table {a.name} cannot be removed", state="nothing was touched"
                )
            yield Clause("table_option", render_option(name, default))
    if a.comment != b.comment:
        yield Clause("table_comment", f"COMMENT={quote_string(b.comment or '')}")
