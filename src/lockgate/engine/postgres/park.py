"""Park what a change removes in the schema ``lockgate`` under a reserved name, and bring it back; pure."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.model.op import HazardKind, Parked, Statement
from lockgate.model.schema import Key

OWN_SCHEMA = "lockgate"
CREATE_OWN_SCHEMA = "CREATE SCHEMA IF NOT EXISTS lockgate"


class Move(NamedTuple):
    """The two ways of a park, and what finalize has to do."""

    away: tuple[Statement, ...]
    back: tuple[Statement, ...]
    parked: Parked


def own_schema() -> Statement:
    """Return the statement that makes the schema ``lockgate`` when it is not there."""
    return statement(CREATE_OWN_SCHEMA, "create", is_idempotent=True)


def park_object(key: Key, words: str, name: str, reserved: str, arguments: str = "", detach: str = "") -> Move:
    """Park a type, sequence, function or table by RENAME and SET SCHEMA.

    Args:
        key: What it is.
        words: What stands after ALTER: TABLE, TYPE, DOMAIN, SEQUENCE, FUNCTION …
        name: Its bare name (without arguments).
        reserved: The reserved name.
        arguments: A routine's argument types in brackets.
        detach: A sequence's ``OWNED BY`` clause to restore on the way back; empty when it is not owned.
    """
    form = "park_table" if words in ("TABLE", "FOREIGN TABLE") else "rename" if words == "SEQUENCE" else "catalogue"
    here = qualify(key.namespace, name) + arguments
    renamed = qualify(key.namespace, reserved) + arguments
    there = f"{OWN_SCHEMA}.{quote_ident(reserved)}{arguments}"
    hazard = (HazardKind.DELETES_DATA, f"{key} is kept as {there} until finalize")
    hazards = (hazard,) if words in ("TABLE", "SEQUENCE") else ()
    away = [own_schema()]
    back = [
        statement(f"ALTER {words} {there} SET SCHEMA {quote_ident(key.namespace)}", form),
        statement(f"ALTER {words} {renamed} RENAME TO {quote_ident(name)}", form),
    ]
    if detach:
        away.append(statement(f"ALTER SEQUENCE {here} OWNED BY NONE", "sequence"))
        back.append(statement(f"ALTER SEQUENCE {here} OWNED BY {detach}", "sequence"))
    away.append(statement(f"ALTER {words} {here} RENAME TO {quote_ident(reserved)}", form, *hazards))
    away.append(statement(f"ALTER {words} {renamed} SET SCHEMA {OWN_SCHEMA}", form))
    finalize = statement(f"DROP {words} IF EXISTS {there}", "drop_constraint", is_idempotent=True)
    return Move(tuple(away), tuple(back), Parked(original=key, parked=there, finalize=(finalize,)))
