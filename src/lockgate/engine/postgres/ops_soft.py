"""What stands in for a constraint that comes back while rows break it: new rows are bound, old ones listed; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.postgres import checks
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.engine.postgres.render import render_index
from lockgate.model import keys
from lockgate.model.change import RenameColumn, RenameTable
from lockgate.model.op import Precheck, Soft, Statement
from lockgate.model.schema import Check, Column, ForeignKey, Index, PrimaryKey, Table, Unique


def is_softenable(context: Context, table: Table) -> bool:
    """Tell whether stand-ins can be put on a table: a plain one that keeps its names in this plan."""
    key = keys.table_key(table)
    renamed = any(
        (isinstance(change, RenameTable) and change.after == key)
        or (isinstance(change, RenameColumn) and change.table == key)
        for change in context.decisions.renames
    )
    is_plain = table.partitioning is None and table.partition_of is None and not table.inherits
    return is_plain and not renamed and "server" not in dict(table.options)


def soft_not_null(
    context: Context, table: Table, column: str, stored: str, back: Statement, at: int, lift_at: int
) -> Precheck:
    """Return the question whether a column that becomes NOT NULL again holds NULL, with what stands in.

    Args:
        stored: The column's name when the question is asked.
        back: The statement that makes it NOT NULL.
        at: Its number within the way back.
        lift_at: The number of the statement, on the way forth, that takes NOT NULL away; it does no harm twice.
    """
    on, name = qualify(table.namespace, table.name), quote_ident(column)
    stand_in = quote_ident(context.names.next(f"{column}_not_null"))
    add = f"ALTER TABLE {on} ADD CONSTRAINT {stand_in} CHECK ({name} IS NOT NULL) NOT VALID"
    drop = statement(f"ALTER TABLE {on} DROP CONSTRAINT IF EXISTS {stand_in}", "drop_constraint")
    validate = statement(f"ALTER TABLE {on} VALIDATE CONSTRAINT {stand_in}", "validate")
    soft = Soft(
        first=at,
        last=at,
        instead=(statement(add, "add_check_not_valid"),),
        rows=f"SELECT {row_key(table)}, NULL FROM {on} t WHERE {name} IS NULL ORDER BY 1",
        settle=(validate, back, drop),
        message=f"NOT NULL of {table.name}.{column}",
        lift=(drop,),
        lift_first=lift_at,
        lift_last=lift_at - 1,
    )
    asked = f"SELECT count(*) FROM {on} WHERE {quote_ident(stored)} IS NULL"
    return Precheck(name="nulls", sql=asked, message=f"{table.name}.{column} holds NULL", soft=soft)


def soft_validation(
    context: Context, table: Table, value: Check | ForeignKey, back: Sequence[Statement], validate: Sequence[Statement]
) -> tuple[Precheck, ...]:
    """Return the question whether rows break a CHECK or foreign key that comes back; it then stays NOT VALID.

    Args:
        back: The statements of the way back before it is validated.
        validate: The ones that validate it.
    """
    if not validate or not is_softenable(context, table):
        return ()
    on = qualify(table.namespace, table.name)
    if isinstance(value, Check):
        asked = checks.violations(table, value)
        rows = f"SELECT {row_key(table)}, NULL FROM {on} t WHERE NOT ({value.expression}) ORDER BY 1"
    else:
        asked = checks.orphans(table, value)
        listed = ", ".join(f"c.{quote_ident(c)}" for c in value.columns)
        source = asked.sql.split(" FROM ", 1)[1]
        rows = f"SELECT {row_key(table, 'c')}, ROW({listed})::text FROM {source} ORDER BY 1"
    soft = Soft(
        first=len(back),
        last=len(back) + len(validate) - 1,
        instead=(),
        rows=rows,
        settle=tuple(validate),
        message=f"{'check' if isinstance(value, Check) else 'foreign key'} {value.name} of {table.name} for old rows",
    )
    return (replace(asked, soft=soft),)


def soft_unique(
    context: Context, table: Table, value: PrimaryKey | Unique | Index, back: Sequence[Statement], forth: int
) -> tuple[Precheck, ...]:
    """Return the question whether rows hold equal values under a key that comes back; a partial one then stands in.

    Args:
        back: All statements of the way back.
        forth: How many statements the way forth has.
    """
    asked = _not_unique(table, value)
    if asked is None or not is_softenable(context, table):
        return ()
    name = context.names.next(value.name)
    on = qualify(table.namespace, table.name)
    drop = statement(f"DROP INDEX IF EXISTS {qualify(table.namespace, name)}", "drop_index")
    parts = [quote_ident(part.column or "") for part in value.parts]
    shown = f"ROW({', '.join(parts)})::text"
    source = f"SELECT {row_key(table)} AS k, {shown} AS v, count(*) OVER (PARTITION BY {', '.join(parts)}) AS n"
    rows = f"SELECT k, v FROM ({source} FROM {on} t{_filter(value)}) lockgate_rows WHERE n > 1"
    if isinstance(value, PrimaryKey):
        rows += f" UNION SELECT {row_key(table)}, {shown} FROM {on} t WHERE {_any_null(value)}"
    soft = Soft(
        first=0,
        last=len(back) - 1,
        instead=(statement(_partial(table, value, name), "create_index"),),
        rows=f"{rows} ORDER BY 1",
        settle=(drop, *back),
        message=f"{value.name} of {table.name}",
        lift=(drop,),
        lift_first=0,
        lift_last=forth - 1,
    )
    return (replace(asked, soft=soft),)


def row_key(table: Table, alias: str = "t") -> str:
    """Return an expression for a row's key as JSON text: its primary key, else the whole row."""
    if table.primary_key is None or any(p.column is None for p in table.primary_key.parts):
        return f"row_to_json({alias})::text"
    names = [p.column or "" for p in table.primary_key.parts]
    pairs = ", ".join(f"{quote_literal(n)}, {alias}.{quote_ident(n)}" for n in names)
    return f"json_build_object({pairs})::text"


def _not_unique(table: Table, value: PrimaryKey | Unique | Index) -> Precheck | None:
    is_special = isinstance(value, Index) and (not value.is_unique or (value.method or "btree") != "btree")
    if is_special or dict(value.options).get("without_overlaps"):
        return None
    asked = checks.duplicates(table, value)
    if asked is None or not isinstance(value, PrimaryKey):
        return asked
    nulls = f"SELECT count(*) FROM {qualify(table.namespace, table.name)} WHERE {_any_null(value)}"
    return replace(asked, sql=f"SELECT ({asked.sql}) + ({nulls})")


def _any_null(value: PrimaryKey) -> str:
    return " OR ".join(f"{quote_ident(part.column or '')} IS NULL" for part in value.parts)


def _filter(value: PrimaryKey | Unique | Index) -> str:
    names = [quote_ident(part.column or "") for part in value.parts]
    conditions = [] if getattr(value, "nulls_not_distinct", False) else [f"{n} IS NOT NULL" for n in names]
    where = getattr(value, "where", None)
    conditions += [f"({where})"] if where else []
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _partial(table: Table, value: PrimaryKey | Unique | Index, name: str) -> str:
    """Return the block that makes a unique index without the rows in the way, found when it runs.

    Of equal rows the first one is kept in the index where the table has another key to tell them apart, so that no
    further equal row comes in; else none of them is.
    """
    on = qualify(table.namespace, table.name)
    by_name = {column.name: column for column in table.columns}
    own = table.primary_key if table.primary_key is not value else None
    told = [p.column or "" for p in own.parts] if own is not None and all(p.column for p in own.parts) else []
    parts = [part.column or "" for part in value.parts]
    told = told if set(told) != set(parts) else []
    names = told or parts
    literals = " || ', ' || ".join(_literal_of(by_name[n]) for n in names)
    grouped, order = ", ".join(map(quote_ident, parts)), ", ".join(map(quote_ident, names))
    first = f"row_number() OVER (PARTITION BY {grouped} ORDER BY {order})"
    count = first if told else f"count(*) OVER (PARTITION BY {grouped})"
    opening, tuples, closing = ("'('", f"({order})", "')'") if len(names) > 1 else ("''", order, "''")
    index = Index(
        name=name,
        parts=value.parts,
        is_unique=True,
        include=value.include,
        nulls_not_distinct=getattr(value, "nulls_not_distinct", False),
    )
    where = getattr(value, "where", None)
    text = render_index(index, table.namespace, table.name) + " WHERE " + (f"({where}) AND " if where else "")
    columns = ", ".join(dict.fromkeys(map(quote_ident, [*names, *parts])))
    source = f"SELECT {columns}, {count} AS n FROM {on}{_filter(value)}"
    return (
        "DO $lockgate$ DECLARE listed text; BEGIN "
        f"SELECT string_agg(DISTINCT {opening} || {literals} || {closing}, ', ') "
        f"INTO listed FROM ({source}) lockgate_rows WHERE n > 1; "
        f"EXECUTE {quote_literal(text)} || coalesce({quote_literal(tuples + ' NOT IN (')} || listed || ')', 'true'); "
        "END $lockgate$"
    )


def _literal_of(column: Column) -> str:
    """Return an expression for a literal, with its type, that reads as a column's value."""
    text = f"quote_literal({quote_ident(column.name)}::text)"
    return f"coalesce({text} || {quote_literal('::' + column.type)}, 'NULL')"
