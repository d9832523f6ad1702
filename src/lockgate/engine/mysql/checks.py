"""Questions to the data before a step: one number each, the rows in the way; pure (only the SQL is made here).

All are asked of the columns as they are *before* the plan; a new column stands in as the constant it will hold.
"""

from __future__ import annotations

from lockgate.engine.mysql.conversions import convert, zero_of
from lockgate.engine.mysql.inspect_programs import names_in
from lockgate.engine.mysql.lexer import quote_name, quote_string
from lockgate.model.op import RANGE, Precheck
from lockgate.model.schema import Check, Column, ForeignKey, IndexPart, Table


def check_nulls(table: Table, column: Column) -> Precheck:
    """Count NULLs before NOT NULL."""
    name = quote_name(column.name)
    return Precheck(
        name="nulls",
        sql=f"SELECT COUNT(*) FROM {quote_name(table.name)} WHERE {name} IS NULL",
        message=f"rows of {table.name} hold NULL in {column.name}",
    )


def check_conversion(table: Table, before: Column, after: Column) -> list[Precheck]:
    """Count rows that a type change would cut or refuse."""
    return [
        Precheck(
            name="conversion",
            sql=f"SELECT COUNT(*) FROM {quote_name(table.name)} WHERE {condition}",
            message=f"rows of {table.name} {what} in {before.name}, which becomes {after.type}",
        )
        for condition, what in convert(before, after).obstacles
    ]


def stand_in(table: Table, before: Table | None) -> dict[str, str]:
    """Return the constant that each column will hold which ``before`` lacks; those without one are left out."""
    old = {c.name for c in before.columns} if before is not None else set()
    result: dict[str, str] = {}
    for column in table.columns:
        if column.name in old:
            continue
        if column.generated is not None or column.is_auto_increment:
            continue
        if column.default is not None and ("(" not in column.default):
            result[column.name] = column.default
        elif column.default is None:
            result[column.name] = "NULL" if column.is_nullable else zero_of(column)
    return result


def _rows(table: Table, before: Table, needed: frozenset[str]) -> str | None:
    """Return a FROM item with all needed columns, or None when one of them has no known value."""
    old = {c.name for c in before.columns}
    if needed <= old:
        return quote_name(table.name)
    constants = stand_in(table, before)
    fresh = sorted(needed - old)
    if any(name not in constants for name in fresh):
        return None
    columns = [quote_name(name) for name in sorted(needed & old)]
    columns += [f"{constants[name]} AS {quote_name(name)}" for name in fresh]
    return f"(SELECT {', '.join(columns)} FROM {quote_name(table.name)}) AS with_new"


def check_duplicates(table: Table, before: Table, parts: tuple[IndexPart, ...], name: str) -> list[Precheck]:
    """Count values held more than once before a unique key."""
    needed = frozenset(p.column for p in parts if p.column)
    known = {c.name for c in table.columns} | {c.name for c in before.columns}
    for part in parts:
        if part.expression:
            needed |= names_in(part.expression) & known
    source = _rows(table, before, needed)
    if source is None:
        return []
    values = [_value(part) for part in parts]
    filled = " AND ".join(f"{value} IS NOT NULL" for value in values)
    sql = (
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {source} WHERE {filled}"
        f" GROUP BY {', '.join(values)} HAVING COUNT(*) > 1) AS doubled"
    )
    return [Precheck(name="duplicates", sql=sql, message=f"values of {table.name} are doubled under {name}")]


def _value(part: IndexPart) -> str:
    if part.expression is not None:
        return f"({part.expression})"
    name = quote_name(part.column or "")
    return f"LEFT({name}, {part.prefix_length})" if part.prefix_length else name


def check_violations(table: Table, before: Table, check: Check) -> list[Precheck]:
    """Count rows that violate a new CHECK."""
    known = {c.name for c in table.columns} | {c.name for c in before.columns}
    source = _rows(table, before, names_in(check.expression) & known)
    if source is None or not check.is_enforced:
        return []
    sql = f"SELECT COUNT(*) FROM {source} WHERE NOT ({check.expression})"
    return [Precheck(name="violations", sql=sql, message=f"rows of {table.name} violate {check.name or 'a check'}")]


def check_orphans(
    child: Table, child_before: Table | None, parent: Table | None, parent_before: Table | None, key: ForeignKey
) -> list[Precheck]:
    """Count rows whose parent is missing before a foreign key."""
    if child_before is None:
        return []
    source = _rows(child, child_before, frozenset(key.columns))
    if source is None:
        return []
    filled = " AND ".join(f"c.{quote_name(name)} IS NOT NULL" for name in key.columns)
    start = f"SELECT COUNT(*) FROM {_aliased(source, 'c')}"
    message = f"rows of {child.name} have no parent in {key.ref_table} ({key.name})"
    if parent_before is None and not key.ref_namespace:
        return [Precheck(name="orphans", sql=f"{start} WHERE {filled}", message=message)]
    parents = quote_name(key.ref_table)
    if key.ref_namespace:
        parents = f"{quote_name(key.ref_namespace)}.{parents}"
    elif parent is not None and parent_before is not None:
        found = _rows(parent, parent_before, frozenset(key.ref_columns))
        if found is None or not _comparable(child_before, parent_before, key):
            return []
        parents = found
    pairs = zip(key.columns, key.ref_columns, strict=True)
    joined = " AND ".join(f"p.{quote_name(b)} = c.{quote_name(a)}" for a, b in pairs)
    sql = f"{start} WHERE {filled} AND NOT EXISTS (SELECT 1 FROM {_aliased(parents, 'p')} WHERE {joined})"
    return [Precheck(name="orphans", sql=sql, message=message)]


def list_orphans(child: Table, key: ForeignKey) -> str:
    """Return the query that lists rows whose parent is missing: their key as JSON text, and what they refer to."""
    names = [p.column for p in child.primary_key.parts if p.column] if child.primary_key is not None else []
    names = names or [c.name for c in child.columns if c.generated is None]
    pairs = ", ".join(f"{quote_string(name)}, c.{quote_name(name)}" for name in names)
    values = ", ".join(f"c.{quote_name(name)}" for name in key.columns)
    return f"SELECT JSON_OBJECT({pairs}), CONCAT_WS(', ', {values}) {_orphans(child, key)}"


def count_orphans(child: Table, key: ForeignKey) -> str:
    """Return the query that counts rows whose parent is missing, with `RANGE` as its first condition."""
    return f"SELECT COUNT(*) {_orphans(child, key, f'{RANGE} AND ')}"


def _orphans(child: Table, key: ForeignKey, first: str = "") -> str:
    filled = " AND ".join(f"c.{quote_name(name)} IS NOT NULL" for name in key.columns)
    parent = quote_name(key.ref_table)
    if key.ref_namespace:
        parent = f"{quote_name(key.ref_namespace)}.{parent}"
    pairs = zip(key.columns, key.ref_columns, strict=True)
    joined = " AND ".join(f"p.{quote_name(b)} = c.{quote_name(a)}" for a, b in pairs)
    return (
        f"FROM {quote_name(child.name)} AS c WHERE {first}{filled}"
        f" AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {joined})"
    )


def _aliased(source: str, alias: str) -> str:
    return source.replace(" AS with_new", f" AS {alias}") if source.startswith("(") else f"{source} AS {alias}"


def _comparable(child: Table, parent: Table, key: ForeignKey) -> bool:
    """Tell whether the columns can be compared as they are: the same collation, if any."""
    ours, theirs = {c.name: c for c in child.columns}, {c.name: c for c in parent.columns}
    for a, b in zip(key.columns, key.ref_columns, strict=True):
        if a in ours and b in theirs and ours[a].collation != theirs[b].collation:
            return False
    return True
