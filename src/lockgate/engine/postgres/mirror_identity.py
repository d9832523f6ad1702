"""The identity of a mirrored column goes over to the column in use, and goes on where it was; pure."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_identity as identity_sql
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_pair import Pair
from lockgate.engine.postgres.quote import qualify, quote_ident, quote_literal
from lockgate.model.op import Statement
from lockgate.model.schema import Table


def leave_identity(table: Table, pair: Pair) -> list[Statement]:
    """Return what ends a column's identity, after noting for the transaction how far its sequence was."""
    on, sequence = qualify(table.namespace, table.name), _sequence(table, pair)
    note = (
        f"SELECT pg_catalog.set_config({_setting(pair)}, last_value::text || ' ' || is_called::text, true) "
        f"FROM {sequence}"
    )
    drop = f"ALTER TABLE {on} ALTER COLUMN {quote_ident(pair.before.name)} DROP IDENTITY"
    return [statement(note, "sequence"), statement(drop, "identity")]


def take_identity(table: Table, pair: Pair, *, is_there: bool) -> list[Statement]:
    """Return what makes the column in use the identity that the other one was; its sequence goes on.

    A sequence that has passed what the smaller type can hold stays at its end.
    """
    column = replace(pair.after if is_there else pair.before, identity=pair.before.identity)
    first, *rest = identity_sql.add_identity(table, column)
    name = quote_literal(_sequence(table, pair))
    noted = f"pg_catalog.current_setting({_setting(pair)}, true)"
    go_on = (
        f"SELECT pg_catalog.setval(s.seqrelid, least(pg_catalog.split_part({noted}, ' ', 1)::bigint, s.seqmax), "
        f"pg_catalog.split_part({noted}, ' ', 2)::boolean) FROM pg_catalog.pg_sequence s "
        f"WHERE s.seqrelid = {name}::pg_catalog.regclass AND {noted} <> ''"
    )
    others = [s for s in rest if not s.sql.startswith("SELECT pg_catalog.setval(")]
    return [first, statement(go_on, "sequence"), *others]


def _sequence(table: Table, pair: Pair) -> str:
    return qualify(table.namespace, identity_sql.identity_sequence(table, pair.before))


def _setting(pair: Pair) -> str:
    return quote_literal(f"lockgate.{pair.shadow}")
