"""Row counts of tables: exact for a database of moderate size, else from statistics, and always saying which."""

from __future__ import annotations

from lockgate.execute.execution import Execution
from lockgate.model.keys import table_key
from lockgate.model.run import TableCount
from lockgate.model.schema import Key, Schema


def countable_tables(schema: Schema) -> tuple[Key, ...]:
    """Return the tables whose rows are counted: all but partitions, whose rows their parents count."""
    return tuple(table_key(table) for table in schema.tables if table.partition_of is None)


def count_tables(execution: Execution, schema: Schema, exact_count_rows: int) -> tuple[TableCount, ...]:
    """Return the row count of every table, in the schema's order."""
    keys = countable_tables(schema)
    sizes = execution.engine.table_sizes(execution.session, execution.server)
    if sum(max(size.rows, 0) for size in sizes.values()) <= exact_count_rows:
        exact = execution.engine.count_rows(execution.session, keys)
        return tuple(TableCount(table=key.path, rows=exact[key]) for key in keys)
    return tuple(TableCount(table=key.path, rows=_estimate(sizes.get(key)), is_exact=False) for key in keys)


def _estimate(size: tuple[int, int] | None) -> int:
    return -1 if size is None else size[0]
