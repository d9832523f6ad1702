"""Values kept aside, in parked columns and side tables, and how they are filled and dropped; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.mysql.conversions import zero_of
from lockgate.engine.mysql.draft import ddl, dml, setting
from lockgate.engine.mysql.lexer import quote_name
from lockgate.engine.mysql.server import has_invisible_columns
from lockgate.engine.mysql.table_job import TableJob
from lockgate.model.op import Hazard, HazardKind, Parked, Statement
from lockgate.model.schema import Column, Key, Table


def finalize_column(table: str, column: str) -> Statement:
    """Return the statement that really drops a parked column."""
    hazard = Hazard(kind=HazardKind.DELETES_DATA, message=f"drops the kept values {table}.{column}")
    return ddl(f"ALTER TABLE {quote_name(table)} DROP COLUMN {quote_name(column)}", hazards=[hazard])


def finalize_table(name: str) -> Statement:
    """Return the statement that really drops a parked table."""
    hazard = Hazard(kind=HazardKind.DELETES_DATA, message=f"drops the kept table {name}")
    return ddl(f"DROP TABLE IF EXISTS {quote_name(name)}", hazards=[hazard])


def parked_column(job: TableJob, old: str, new: str) -> Parked:
    """Return the record of a column parked in its table."""
    return Parked(
        original=Key("column", "", job.name, old),
        parked=f"{job.name}.{new}",
        finalize=(finalize_column(job.name, new),),
    )


def side_table(parked: str, table: Table, columns: Sequence[str], condition: str) -> str:
    """Return CREATE TABLE … SELECT of the primary key (all columns when there is none) and the columns given."""
    key = table.primary_key
    names = [p.column for p in key.parts if p.column] if key is not None else [c.name for c in table.columns]
    chosen = list(dict.fromkeys([*names, *columns]))
    listed = ", ".join(map(quote_name, chosen))
    return f"CREATE TABLE {quote_name(parked)} AS SELECT {listed} FROM {quote_name(table.name)} WHERE {condition}"


def salvage_values(
    job: TableJob, table: Table, columns: Sequence[Column]
) -> tuple[tuple[Statement, ...], tuple[Parked, ...]]:
    """Keep what was written to new columns in a side table before they are dropped, where they cannot be parked."""
    values = [c for c in columns if c.generated is None]
    if not values or has_invisible_columns(job.server):
        return (), ()
    conditions = [
        f"NOT ({quote_name(c.name)} <=> {c.default})" if _is_constant(c) else f"{quote_name(c.name)} IS NOT NULL"
        for c in values
    ]
    parked = job.names.next(values[0].name if len(values) == 1 else job.name)
    sql = side_table(parked, table, [c.name for c in values], " OR ".join(conditions))
    original = Key("column", "", job.name, values[0].name)
    return (ddl(sql),), (Parked(original=original, parked=parked, finalize=(finalize_table(parked),)),)


def _is_constant(column: Column) -> bool:
    return column.default is not None and column.default != "NULL" and "(" not in column.default


def assign(table: Table, values: dict[str, str]) -> str:
    """Return SET assignments that leave columns with ON UPDATE as they are."""
    pairs = [f"{quote_name(name)} = {value}" for name, value in values.items()]
    for column in table.columns:
        if column.on_update is not None and column.name not in values:
            pairs.append(f"{quote_name(column.name)} = {quote_name(column.name)}")
    return ", ".join(pairs)


def fill_before_unparking(job: TableJob, renames: dict[str, str], target: Table, current: Table) -> list[Statement]:
    """Give rows that came while a NOT NULL column was parked a value: its default, else the type's zero."""
    statements: list[Statement] = []
    old = {c.name: c for c in target.columns}
    for name, parked in renames.items():
        column = old[name]
        if column.is_nullable or column.generated is not None:
            continue
        quoted = quote_name(parked)
        if column.is_auto_increment:
            statements.extend(number_rows(job, current, parked))
            continue
        value = column.default if column.default is not None and column.default != "NULL" else zero_of(column)
        assigned = assign(current, {parked: value})
        statements.append(dml(f"UPDATE {job.quoted} SET {assigned} WHERE {quoted} IS NULL"))
    return statements


def number_parked(job: TableJob, renames: dict[str, str], target: Table, current: Table) -> tuple[Statement, ...]:
    """Give rows that came while a numbered column was parked their numbers."""
    old = {c.name: c for c in target.columns}
    found = [parked for name, parked in renames.items() if old[name].is_auto_increment]
    return tuple(statement for parked in found for statement in number_rows(job, current, parked))


def number_rows(job: TableJob, current: Table, column: str) -> tuple[Statement, ...]:
    """Give rows without a number in a column the numbers behind the highest, as AUTO_INCREMENT would."""
    quoted = quote_name(column)
    assigned = assign(current, {column: "(@lockgate_n := @lockgate_n + 1)"})
    return (
        setting(f"SELECT @lockgate_n := COALESCE(MAX({quoted}), 0) FROM {job.quoted}"),
        dml(f"UPDATE {job.quoted} SET {assigned} WHERE {quoted} IS NULL"),
    )
