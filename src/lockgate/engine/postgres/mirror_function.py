"""The trigger that keeps the parked columns of a table equal to the ones in use; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.postgres.mirror_pair import Way, converted, differs, is_told, is_total
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.model.schema import Table

_BODY = """CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
SET search_path = pg_catalog, pg_temp AS $lockgate$
BEGIN
{lines}
  RETURN NEW;
END
$lockgate$"""
_SALVAGE = (
    "INSERT INTO lockgate.salvage (mirror, table_name, row_key, column_name, value_text, stand_in, reason) "
    "VALUES ({mirror}, {table}, pg_catalog.json_build_object({key})::text, {column}, NEW.{source}::text, "
    "NEW.{target}::text, {reason});"
)


def mirror_function(function: str, table: Table, key: Sequence[str], ways: Sequence[Way]) -> str:
    """Return the function that mirrors these columns, one direction each.

    A value that the parked column cannot hold is kept in ``lockgate.salvage``, and the application's write goes on.
    The salvage table is looked up when it is needed, so that the function can be made where there is none. An
    unchanged source is left alone, so that a row that was only touched keeps its parked value byte by byte.

    Args:
        key: The columns that tell a row.
    """
    lines = [line for way in ways for line in _mirror(table, key, way)]
    return _BODY.format(function=function, lines="\n".join(f"  {line}" for line in lines))


def _mirror(table: Table, key: Sequence[str], way: Way) -> list[str]:
    source, target = quote_ident(way.source), quote_ident(way.target)
    changed = differs(f"NEW.{source}", f"OLD.{source}", way.source_type)
    value = converted(way, f"NEW.{source}", is_guarded=False)
    keep = _keep(table, key, way)
    head = f"IF TG_OP = 'INSERT' OR {changed} THEN"
    if is_total(way):
        return [head, f"  NEW.{target} := {value};", "END IF;"]
    if is_told(way) and way.conversion.fits is not None:
        fits = way.conversion.fits.replace("{c}", f"NEW.{source}")
        inner = [f"IF {fits} THEN", f"  NEW.{target} := {value};", "ELSE", *(f"  {line}" for line in keep), "END IF;"]
    else:
        inner = ["BEGIN", f"  NEW.{target} := {value};", "EXCEPTION WHEN OTHERS THEN"]
        inner += [*(f"  {line}" for line in keep), "END;"]
    return [head, *(f"  {line}" for line in inner), "END IF;"]


def _keep(table: Table, key: Sequence[str], way: Way) -> list[str]:
    pairs = ", ".join(f"{quote_literal(name)}, NEW.{quote_ident(name)}" for name in key)
    salvage = _SALVAGE.format(
        mirror=quote_literal(way.target),
        table=quote_literal(f"{table.namespace}.{table.name}"),
        key=pairs,
        column=quote_literal(way.source),
        source=quote_ident(way.source),
        target=quote_ident(way.target),
        reason=quote_literal(_reason(way)),
    )
    return [f"NEW.{quote_ident(way.target)} := {way.fallback};", salvage]


def mark_used(ways: Sequence[Way]) -> str:
    """Return the statement that marks what these directions kept as used, for its column is in use again."""
    kept = " OR ".join(f"({_kept_by(way)})" for way in ways)
    return _if_there(f"UPDATE lockgate.salvage SET state = 'used' WHERE state = 'kept' AND ({kept});")


def refuse_unfit(table: Table, key: Sequence[str], way: Way) -> str:
    """Return the statement that fails when rows still hold what this direction could not mirror; after the swap."""
    types = {column.name: column.type for column in table.columns}
    same = " AND ".join(
        f"r.{quote_ident(name)} = (s.row_key::json ->> {quote_literal(name)})::{types[name]}" for name in key
    )
    on, parked = qualify(table.namespace, table.name), quote_ident(way.target)
    found = (
        f"SELECT FROM lockgate.salvage s JOIN {on} r ON {same} WHERE s.state = 'kept' AND {_kept_by(way)} "
        f"AND r.{parked}::text = s.value_text"
    )
    message = f"{table.name}.{way.source} was given values meanwhile that are no {way.target_type.text}"
    return _if_there(
        f"IF EXISTS ({found}) THEN\n      RAISE EXCEPTION USING ERRCODE = 'data_exception', "
        f"MESSAGE = {quote_literal(message)};\n    END IF;"
    )


def _reason(way: Way) -> str:
    return f"is no {way.target_type.text}"


def _kept_by(way: Way) -> str:
    return f"mirror = {quote_literal(way.target)} AND reason = {quote_literal(_reason(way))}"


def _if_there(statement: str) -> str:
    """Return a block that runs a statement on the salvage table where there is one."""
    return (
        "DO $lockgate$\nBEGIN\n  IF pg_catalog.to_regclass('lockgate.salvage') IS NOT NULL THEN\n"
        f"    {statement}\n  END IF;\nEND\n$lockgate$"
    )
