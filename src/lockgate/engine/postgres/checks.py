"""Questions to the data before a step: each returns one number, the rows in the way; pure text."""

from __future__ import annotations

import re

from lockgate.engine.postgres.convert import Conversion
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model.op import Precheck
from lockgate.model.schema import Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique


def nulls(table: Table, column: str) -> Precheck:
    """Count the rows that hold NULL in a column."""
    name = quote_ident(column)
    sql = f"SELECT count(*) FROM {qualify(table.namespace, table.name)} WHERE {name} IS NULL"
    return Precheck(name="nulls", sql=sql, message=f"{table.name}.{column} holds NULL")


def has_rows(table: Table, column: str) -> Precheck:
    """Count rows (one is enough) where a new column could not be filled."""
    sql = f"SELECT count(*) FROM (SELECT FROM {qualify(table.namespace, table.name)} LIMIT 1) lockgate_rows"
    return Precheck(name="has_rows", sql=sql, message=f"there is no value to fill {table.name}.{column} with")


def has_many_rows(table: Table, column: str) -> Precheck:
    """Count rows beyond the first, which would hold equal values in a new unique column."""
    name = qualify(table.namespace, table.name)
    sql = f"SELECT greatest(count(*) - 1, 0) FROM (SELECT FROM {name} LIMIT 2) lockgate_rows"
    return Precheck(
        name="has_rows", sql=sql, message=f"{table.name}.{column} has to be unique but is filled with one value"
    )


def duplicates(table: Table, key: PrimaryKey | Unique | Index) -> Precheck | None:
    """Count the groups of rows with equal values in a key; None when the question cannot be put simply."""
    columns = [part.column for part in key.parts]
    if any(c is None for c in columns) or any(p.collation for p in key.parts):
        return None
    names = [quote_ident(c or "") for c in columns]
    conditions = [] if getattr(key, "nulls_not_distinct", False) else [f"{n} IS NOT NULL" for n in names]
    where = getattr(key, "where", None)
    conditions += [f"({where})"] if where else []
    filtered = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = (
        f"SELECT count(*) FROM (SELECT FROM {qualify(table.namespace, table.name)}{filtered}"
        f" GROUP BY {', '.join(names)} HAVING count(*) > 1) lockgate_groups"
    )
    listed = ", ".join(c or "" for c in columns)
    return Precheck(name="duplicates", sql=sql, message=f"{table.name} ({listed}) holds equal values")


def orphans(table: Table, key: ForeignKey) -> Precheck:
    """Count the rows whose foreign key has no row to refer to."""
    pairs = list(zip(key.columns, key.ref_columns, strict=True))
    child, parent = qualify(table.namespace, table.name), qualify(key.ref_namespace, key.ref_table)
    given = " AND ".join(f"c.{quote_ident(a)} IS NOT NULL" for a, _ in pairs)
    equal = " AND ".join(f"p.{quote_ident(b)} = c.{quote_ident(a)}" for a, b in pairs)
    sql = f"SELECT count(*) FROM {child} c WHERE {given} AND NOT EXISTS (SELECT FROM {parent} p WHERE {equal})"
    listed = ", ".join(key.columns)
    return Precheck(
        name="orphans", sql=sql, message=f"{table.name} ({listed}) refers to rows of {key.ref_table} that are not there"
    )


def violations(table: Table, check: Check) -> Precheck:
    """Count the rows a CHECK would refuse."""
    sql = f"SELECT count(*) FROM {qualify(table.namespace, table.name)} WHERE NOT ({check.expression})"
    return Precheck(name="violations", sql=sql, message=f"{table.name} holds rows that break {check.name}")


def unfit(table: Table, column: Column, conversion: Conversion, new_type: str) -> Precheck | None:
    """Count the values a new type cannot take; None when it takes all, or nobody can tell beforehand."""
    if conversion.fits is None:
        return None
    fits = conversion.fits.replace("{c}", quote_ident(column.name))
    sql = f"SELECT count(*) FROM {qualify(table.namespace, table.name)} WHERE NOT ({fits})"
    return Precheck(name="unfit", sql=sql, message=f"{table.name}.{column.name} holds values that are no {new_type}")


_PLAIN_KEY = re.compile(r"(RANGE|LIST) \(([^(),]+)\)")
_RANGE = re.compile(r"FOR VALUES FROM \((.+)\) TO \((.+)\)")
_LIST = re.compile(r"FOR VALUES IN \((.+)\)")


def outside(old: Table, by: str, partitions: list[Table]) -> tuple[Precheck, ...]:
    """Count the rows of a table that no partition of its successor would take; nothing when it is not told simply."""
    key = _PLAIN_KEY.fullmatch(by)
    bounds = [t.partition_of.bound for t in partitions if t.partition_of is not None]
    if not by or "DEFAULT" in bounds or (key is None and bounds):
        return ()
    conditions = [c for bound in bounds if key is not None and (c := _bound_condition(key[2], bound))]
    if len(conditions) != len(bounds):
        return ()
    taken = " OR ".join(conditions) or "false"
    sql = f"SELECT count(*) FROM {qualify(old.namespace, old.name)} WHERE NOT COALESCE({taken}, false)"
    return (Precheck(name="outside", sql=sql, message=f"{old.name} holds rows that no partition takes"),)


def _bound_condition(key: str, bound: str) -> str:
    found = _RANGE.fullmatch(bound)
    if found is not None:
        parts = [f"{key} >= {found[1]}"] if found[1] != "MINVALUE" else []
        parts += [f"{key} < {found[2]}"] if found[2] != "MAXVALUE" else []
        return f"({' AND '.join([*parts, f'{key} IS NOT NULL'])})"
    found = _LIST.fullmatch(bound)
    if found is None:
        return ""
    values = [v for v in found[1].split(", ") if v != "NULL"]
    listed = f"{key} IN ({', '.join(values)})" if values else "false"
    return f"({listed} OR {key} IS NULL)" if len(values) < len(found[1].split(", ")) else f"({listed})"
