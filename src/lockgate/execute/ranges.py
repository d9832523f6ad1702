"""The conditions of one range of a table's key, as SQL; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.model.op import RANGE, Chunked


def bind_range(sql: str, chunked: Chunked, after: Sequence[str], until: Sequence[str]) -> str:
    """Return a statement for the rows after one key and up to another one.

    Args:
        after: Literals of the key before the range, empty for a range that starts with the first row.
        until: Literals of the last key in the range, empty for one without an end.
    """
    parts = [part for part in (after_key(chunked, after), _up_to(chunked.columns, until)) if part]
    return sql.replace(RANGE, f"({' AND '.join(parts)})" if parts else "(1 = 1)")


def after_key(chunked: Chunked, after: Sequence[str]) -> str:
    """Return the condition for the rows after a key; empty when that is all."""
    return _compare(chunked.columns, after, ">", ">")


def last_key_query(chunked: Chunked, after: Sequence[str], rows: int) -> str:
    """Return the query for the key of the ``rows``-th row after a key, as literals; no row when there are fewer."""
    columns = ", ".join(chunked.columns)
    condition = after_key(chunked, after)
    where = f" WHERE {condition}" if condition else ""
    literals = ", ".join(chunked.literals)
    return f"SELECT {literals} FROM {chunked.source}{where} ORDER BY {columns} LIMIT 1 OFFSET {max(rows, 1) - 1}"


def _up_to(columns: Sequence[str], until: Sequence[str]) -> str:
    return _compare(columns, until, "<", "<=")


def _compare(columns: Sequence[str], values: Sequence[str], strict: str, last: str) -> str:
    """Return a row comparison written out, with a bound on the first column that every optimizer uses."""
    if not values:
        return ""
    if len(columns) == 1:
        return f"{columns[0]} {last} {values[0]}"
    cases = []
    for number in range(len(columns)):
        equal = [f"{column} = {value}" for column, value in zip(columns[:number], values, strict=False)]
        operator = last if number == len(columns) - 1 else strict
        cases.append(" AND ".join([*equal, f"{columns[number]} {operator} {values[number]}"]))
    bound = f"{columns[0]} {strict}= {values[0]}"
    return f"{bound} AND ({' OR '.join(f'({case})' for case in cases)})"
