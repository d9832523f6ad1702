"""Whether a table can be changed by a pair of tables, and by which key its rows are told apart; pure."""

from __future__ import annotations

import re

from lockgate.engine.mysql.conversions import read_type
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.literals import walk_key
from lockgate.engine.mysql.server import cuts_names_in_triggers, has_schema_wide_check_names
from lockgate.model.schema import Column, Index, IndexPart, Schema, Table
from lockgate.model.server import Server

_INTS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})


def pair_key(before: Table, after: Table) -> tuple[str, ...] | None:
    """Return a key without NULL that both tables have, whose values mean the same in both and can be walked."""
    old = {c.name: c for c in before.columns}
    new = {c.name: c for c in after.columns}
    theirs = {frozenset(columns) for columns in _keys(after)}
    for columns in _keys(before):
        walked = walk_key([old[name] for name in columns])
        if frozenset(columns) not in theirs or walked is None or walked[0] != tuple(map(quote_name, columns)):
            continue
        if all(_same_meaning(old[name], new[name]) for name in columns):
            return columns
    return None


def _keys(table: Table) -> list[tuple[str, ...]]:
    found: list[tuple[IndexPart, ...]] = []
    if table.primary_key is not None:
        found.append(table.primary_key.parts)
    found += [index.parts for index in table.indexes if index.is_unique]
    nullable = {c.name for c in table.columns if c.is_nullable or c.generated is not None}
    result = []
    for parts in found:
        names = tuple(p.column for p in parts if p.column is not None and not p.prefix_length)
        if len(names) == len(parts) and not nullable & set(names):
            result.append(names)
    return result


def _same_meaning(old: Column, new: Column) -> bool:
    if (old.type, old.charset, old.collation) == (new.type, new.charset, new.collation):
        return True
    return read_type(old.type).base in _INTS and read_type(new.type).base in _INTS


def why_not_pair(before: Table, after: Table, schema: Schema, server: Server, changed: frozenset[str]) -> str:
    """Return why a table cannot be changed by a pair of tables, as a sentence's end; empty when it can.

    ``changed``: the names of all tables that change.
    """
    name = before.name
    folded = _folded_twice(before, after)
    engines = {dict(t.options).get("engine", "").lower() for t in (before, after)}
    if engines != {"innodb"}:
        return "only InnoDB tables can be mirrored"
    if any(k.ref_table == name and not k.ref_namespace for t in schema.tables for k in t.foreign_keys):
        return "a foreign key refers to it, which would follow the old table"
    if before.foreign_keys != after.foreign_keys:
        return "its foreign keys change"
    if any(k.ref_table in changed or _is_touched(k.columns, before, after) for k in after.foreign_keys):
        return "columns of a foreign key change"
    if any(d.kind == "trigger" and d.table == name for d in schema.definitions):
        return "it has triggers of its own"
    if pair_key(before, after) is None:
        return "it has no primary key or unique key without NULL that stays and can be walked"
    if {c.name for c in before.columns} & folded != {c.name for c in after.columns} & folded:
        return "a column changes the case of its name"
    if cuts_names_in_triggers(server) and _has_cut_names(before, after):
        return "its names hold a backtick and letters beyond ASCII, and this server keeps no trigger with both"
    return _why_not_rules(before, after, server)


def _is_touched(names: tuple[str, ...], before: Table, after: Table) -> bool:
    old = {c.name: c for c in before.columns}
    return any(c.name in names and (c.name not in old or old[c.name].type != c.type) for c in after.columns)


def _has_cut_names(before: Table, after: Table) -> bool:
    names = "".join(t.name + "".join(c.name for c in t.columns) for t in (before, after))
    return "`" in names and not names.isascii()


def _why_not_rules(before: Table, after: Table, server: Server) -> str:
    gone = [i.name for i in before.indexes if i.is_unique and not _has_unique(after, i)]
    if gone:
        return f"the unique key {gone[0]} goes"
    old = {(c.expression, c.is_enforced) for c in before.checks}
    new = {(c.expression, c.is_enforced) for c in after.checks}
    if old - new:
        return "a check goes"
    columns = {c.name for c in before.columns}
    if any(c.is_auto_increment and c.name not in columns for c in after.columns):
        return "a column counts its rows from now on"
    if has_schema_wide_check_names(server):
        generated = re.compile(re.escape(before.name) + r"_chk_\d+")
        if any(not generated.fullmatch(c.name) for t in (before, after) for c in t.checks):
            return "it has a check with a name of its own, and names of checks are the whole database's"
    return ""


def _has_unique(table: Table, index: Index) -> bool:
    columns = {p.column for p in index.parts}
    keys = [i.parts for i in table.indexes if i.is_unique]
    if table.primary_key is not None:
        keys.append(table.primary_key.parts)
    if index.parts in keys:
        return True
    return any({p.column for p in parts} <= columns and all(not p.prefix_length for p in parts) for parts in keys)


def _folded_twice(before: Table, after: Table) -> frozenset[str]:
    """Return names of columns of either table that the other one has, in any case."""
    ours, theirs = ({c.name.lower() for c in t.columns} for t in (before, after))
    return frozenset(c.name for t in (before, after) for c in t.columns if c.name.lower() in ours & theirs)
