"""Questions to the rows before a step: how many stand in the way of a new constraint; pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.tokens import fold, quote, tokenize
from lockgate.engine.sqlite.values import column_affinity, find_column, is_null, new_keys
from lockgate.model.op import Precheck
from lockgate.model.schema import Column, ForeignKey, Index, IndexPart, Table


def for_rebuild(
    old: Table, new: Table, before: Mapping[str, Table], after: Mapping[str, Table]
) -> tuple[Precheck, ...]:
    """Return the questions of a rebuild forward; they ask the live table ``old``."""
    found = _nulls(old, new) + _duplicates(old, new)
    found += _not_numbers(old, new) + _same_defaults(old, new)
    found += _checks(old, new)
    found += _orphans(old, new, before, after)
    return tuple(found)


def for_way_back(current: Table, target: Table) -> tuple[Precheck, ...]:
    """Return the questions of a rebuild back that nothing can stand in for: a row must have the key it is stored by.

    That is an INTEGER PRIMARY KEY, and the key of a table WITHOUT ROWID. All else comes along as it is.
    """
    written = replace(current, columns=tuple(c for c in current.columns if c.generated is None))
    found = _not_numbers(written, target, are_nulls_wrong=False)
    key = target.primary_key
    if key is not None and ("without_rowid", "yes") in target.options:
        had = {_shape(u.parts) for u in current.uniques}
        had |= {_shape(current.primary_key.parts)} if current.primary_key else set()
        if _shape(key.parts) not in had and _comparable(key.parts, current, target):
            found.append(_duplicate_check(current, target, key.parts, None))
    return tuple(found)


def refusals(current: Table, target: Table) -> tuple[Precheck, ...]:
    """Return the questions of a rebuild back for which nothing stands in: a renaming follows on the way back."""
    written = replace(current, columns=tuple(c for c in current.columns if c.generated is None))
    found = _nulls(written, target) + _duplicates(current, target)
    return tuple(found + _not_numbers(current, target, are_nulls_wrong=False))


def _nulls(current: Table, target: Table) -> list[Precheck]:
    found: list[Precheck] = []
    for column in target.columns:
        was = find_column(current, column.name)
        if was is not None and was.is_nullable and not column.is_nullable and column.generated is None:
            sql = f"SELECT count(*) FROM {quote(current.name)} WHERE {quote(was.name)} IS NULL"
            found.append(Precheck(name="nulls", sql=sql, message=f"rows have no {current.name}.{was.name}"))
    return found


def _not_numbers(current: Table, target: Table, *, are_nulls_wrong: bool = True) -> list[Precheck]:
    """Ask for values that cannot be a rowid, where a column becomes INTEGER PRIMARY KEY."""
    alias = rowid_column(target)
    was = find_column(current, alias) if alias is not None else None
    if was is None or rowid_column(current) == was.name:
        return []
    name = quote(was.name)
    wrong = (
        f"typeof({name}) = 'blob' OR (typeof({name}) = 'real' AND {name} <> CAST({name} AS INTEGER))"
        f" OR (typeof({name}) = 'text' AND (trim({name}) = '' OR {name} GLOB '*[^0-9eE.+ -]*'))"
    )
    nulls = f" OR {name} IS NULL" if are_nulls_wrong else ""
    sql = f"SELECT count(*) FROM {quote(current.name)} WHERE {wrong}{nulls}"
    return [Precheck(name="not_numbers", sql=sql, message=f"rows have no number in {current.name}.{was.name}")]


def _same_defaults(old: Table, new: Table) -> list[Precheck]:
    """Ask for more than one row, where a new key would be made of default values alone."""
    found: list[Precheck] = []
    for names in new_keys(old, new):
        columns = [find_column(new, name) for name in names]
        if all(c is not None and not is_null(c.default) and c.generated is None for c in columns):
            sql = f"SELECT max(count(*) - 1, 0) FROM {quote(old.name)}"
            message = f"rows of {old.name} would all get the same {', '.join(names)}, which must be unique"
            found.append(Precheck(name="same_defaults", sql=sql, message=message))
    return found


def _duplicates(current: Table, target: Table) -> list[Precheck]:
    found: list[Precheck] = []
    had = {_shape(u.parts) for u in current.uniques} | (
        {_shape(current.primary_key.parts)} if current.primary_key else set()
    )
    keys = [u.parts for u in target.uniques] + ([target.primary_key.parts] if target.primary_key else [])
    for parts in keys:
        if _shape(parts) in had or not _comparable(parts, current, target):
            continue
        found.append(_duplicate_check(current, target, parts, None))
    for index in target.indexes:
        if index.is_unique and index not in current.indexes:
            found += unique_index(target, index, current)
    return found


def unique_index(owner: Table, index: Index, current: Table | None) -> tuple[Precheck, ...]:
    """Return the question before a unique index."""
    if not index.is_unique or current is None or not _comparable(index.parts, current, owner):
        return ()
    if index.where is not None and not _names_known(index.where, current):
        return ()
    return (_duplicate_check(current, owner, index.parts, index.where),)


def _duplicate_check(current: Table, target: Table, parts: tuple[IndexPart, ...], where: str | None) -> Precheck:
    terms = [_term(p, target) for p in parts]
    known = [f"{quote(p.column)} IS NOT NULL" for p in parts if p.column is not None]
    conditions = known + ([f"({where})"] if where else [])
    filtered = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {quote(current.name)}{filtered}"
        f" GROUP BY {', '.join(terms)} HAVING count(*) > 1)"
    )
    names = ", ".join(p.column or p.expression or "" for p in parts)
    return Precheck(name="duplicates", sql=sql, message=f"values of {current.name} ({names}) are not unique")


def _term(part: IndexPart, target: Table) -> str:
    text = quote(part.column) if part.column is not None else f"({part.expression})"
    column = find_column(target, part.column) if part.column else None
    collation = part.collation or (column.collation if column else None)
    if collation is None and column is not None:
        collation = "binary"
    return f"{text} COLLATE {quote(collation)}" if collation else text


def _shape(parts: tuple[IndexPart, ...]) -> frozenset[tuple[str, str | None]]:
    return frozenset((fold(p.column or p.expression or ""), p.collation) for p in parts)


def _comparable(parts: tuple[IndexPart, ...], current: Table, target: Table) -> bool:
    """Tell whether the key can be asked for before the change: its columns are there and keep their affinity."""
    for part in parts:
        if part.column is None:
            if not _names_known(part.expression or "", current):
                return False
            continue
        if not _is_kept(part.column, current, target):
            return False
    return True


def _is_kept(name: str, current: Table, target: Table) -> bool:
    was, now = find_column(current, name), find_column(target, name)
    if was is None or now is None or now.generated is not None:
        return False
    return column_affinity(current, was) == column_affinity(target, now)


def _names_known(expression: str, table: Table) -> bool:
    """Tell whether every name in an expression that might be a column is one of the table."""
    tokens = tokenize(expression)
    for i, token in enumerate(tokens):
        if token.kind == "quoted" and find_column(table, token.name) is None and fold(token.name) != fold(table.name):
            return False
        following = tokens[i + 1].text if i + 1 < len(tokens) else ""
        is_name = token.kind == "word" and following not in ("(", ".") and token.word not in _EXPRESSION_WORDS
        if is_name and find_column(table, token.name) is None:
            return False
    return True


_EXPRESSION_WORDS = frozenset(
    [
        *("and", "or", "not", "is", "null", "in", "like", "glob", "between", "case", "when", "then", "else", "end"),
        *(
            "collate",
            "nocase",
            "binary",
            "rtrim",
            "escape",
            "isnull",
            "notnull",
            "cast",
            "as",
            "exists",
            "regexp",
            "match",
        ),
        *("integer", "int", "text", "real", "blob", "numeric", "true", "false", "distinct", "from"),
        *("current_date", "current_time", "current_timestamp"),
    ]
)


def _checks(old: Table, new: Table) -> list[Precheck]:
    found: list[Precheck] = []
    for check in new.checks:
        if (
            check in old.checks
            or not _names_known(check.expression, old)
            or not _types_kept(check.expression, old, new)
        ):
            continue
        sql = f"SELECT count(*) FROM {quote(old.name)} WHERE NOT ({check.expression})"
        found.append(Precheck(name="check", sql=sql, message=f"rows of {old.name} break CHECK ({check.expression})"))
    return found


def _types_kept(expression: str, old: Table, new: Table) -> bool:
    names = {fold(t.name) for t in tokenize(expression) if t.kind in ("word", "quoted")}
    return all(_is_kept(c.name, old, new) for c in new.columns if fold(c.name) in names)


def _orphans(old: Table, new: Table, before: Mapping[str, Table], after: Mapping[str, Table]) -> list[Precheck]:
    """Ask for rows without a parent row. The question holds before and after other ops of the plan, or is not asked."""
    found: list[Precheck] = []
    for key in new.foreign_keys:
        if key in old.foreign_keys:
            continue
        columns = [find_column(old, c) for c in key.columns]
        if any(c is None for c in columns):
            continue
        sql = _orphan_sql(old, [c for c in columns if c is not None], key, before, after)
        if sql:
            message = f"rows of {old.name} ({', '.join(key.columns)}) have no row in {key.ref_table}"
            found.append(Precheck(name="orphans", sql=sql, message=message))
    return found


def _orphan_sql(
    old: Table, columns: list[Column], key: ForeignKey, before: Mapping[str, Table], after: Mapping[str, Table]
) -> str:
    given = " AND ".join(f"c.{quote(c.name)} IS NOT NULL" for c in columns)
    parent, parent_after = before.get(fold(key.ref_table)), after.get(fold(key.ref_table))
    if parent is None:
        return f"SELECT count(*) FROM {quote(old.name)} AS c WHERE {given}" if parent_after else ""
    if parent_after is None:
        return ""
    targets = key.ref_columns
    if not targets and parent_after.primary_key is not None:
        targets = tuple(p.column or "" for p in parent_after.primary_key.parts)
    is_stable = all(find_column(parent, t) and find_column(parent_after, t) for t in targets)
    if len(targets) != len(columns) or not is_stable:
        return ""
    match = " AND ".join(f"p.{quote(t)} = c.{quote(c.name)}" for t, c in zip(targets, columns, strict=True))
    return (
        f"SELECT count(*) FROM {quote(old.name)} AS c WHERE {given}"
        f" AND NOT EXISTS (SELECT 1 FROM {quote(parent.name)} AS p WHERE {match})"
    )
