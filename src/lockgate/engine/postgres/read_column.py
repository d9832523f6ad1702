"""What PostgreSQL's column types and defaults mean for a rewrite, and what their choice is noted for; pure."""

from __future__ import annotations

import re
from itertools import pairwise

from lockgate.engine.ddl_columns import ColumnDialect, ColumnRead
from lockgate.engine.ddl_cursor import DdlToken
from lockgate.model.ddl import Trait
from lockgate.model.server import Server

SERIALS = {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}
_SPELLINGS = {
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "serial4": "serial",
    "serial8": "bigserial",
    "serial2": "smallserial",
    "bool": "boolean",
    "float8": "double precision",
    "float": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "dec": "numeric",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "character varying": "varchar",
    "char varying": "varchar",
    "nchar varying": "varchar",
    "national character varying": "varchar",
    "character": "char",
    "bpchar": "char",
    "nchar": "char",
    "national character": "char",
    "bit varying": "varbit",
}
# Functions that give one value per statement, or always the same: a default of them is not written into every row.
# Source: pg_proc.provolatile of PostgreSQL 13 to 18 ('i' and 's').
_STABLE = frozenset(
    """now current_timestamp current_date current_time localtimestamp localtime transaction_timestamp
    statement_timestamp current_user session_user user current_setting current_schema current_database lower upper
    coalesce nullif greatest least to_char to_timestamp to_date date_trunc date_part extract make_date make_interval
    make_timestamp make_timestamptz array_to_string string_to_array concat format md5 length replace substring
    trim ltrim rtrim btrim abs round ceil floor array jsonb_build_object jsonb_build_array json_build_object
    json_build_array to_json to_jsonb row inet_client_addr txid_current pg_current_xact_id timezone cast int4range
    int8range numrange tsrange tstzrange daterange interval date time timestamp timestamptz numeric decimal varchar
    char character bit point box txid_current_if_assigned""".split()  # noqa: SIM905
)
_SIZE = re.compile(r"^(?P<base>[^(\[]+)(?:\((?P<a>\d+)(?:,(?P<b>-?\d+))?\))?(?P<rest>.*)$")


def spell_type(text: str) -> str:
    """Return one spelling of a type."""
    match = re.fullmatch(r"(?:pg_catalog\.)?([a-z0-9_ ]+?)((?: ?\([^)]*\))?)((?: .*)?|(?:\[\d*\])*)", text)
    if match is None:
        return text
    base, size, rest = match.groups()
    found = _SPELLINGS.get(base.strip(), base.strip())
    if found.endswith("zone") and size:
        head, _, tail = found.partition(" ")
        return f"{head}{size.strip()} {tail}{rest}"
    if found in ("timestamp", "time") and rest == " without time zone":
        rest = ""
    return f"{found}{size.strip()}{rest}"


def is_volatile(tokens: list[DdlToken]) -> bool:
    """Tell whether a default may differ from row to row: a call of anything not known to be stable."""
    return any(
        following.text == "(" and token.kind in ("word", "name") and token.name.lower() not in _STABLE
        for token, following in pairwise(tokens)
    )


def note_type(text: str) -> frozenset[str]:
    """Return what a choice of type is noted for, in the words the rules of design know."""
    notes = set()
    base = text.split("(")[0].split("[")[0].strip()
    if base == "timestamp" and "zone" not in text:
        notes.add("timestamp without zone")
    if base == "time with time zone" or (base == "time" and "with time zone" in text):
        notes.add("time with zone")
    if base in ("real", "double precision"):
        notes.add("float")
    if base == "money":
        notes.add("money")
    if base == "json":
        notes.add("json")
    if base == "char":
        notes.add("padded char")
    if base == "varchar" and "(" in text:
        notes.add("limited varchar")
    if base in SERIALS:
        notes.add("serial")
    if base in ("integer", "smallint", "serial", "smallserial"):
        notes.add("small integer")
    if base == "xml":
        notes.add("xml")
    return frozenset(notes)


DIALECT = ColumnDialect(spell_type=spell_type, is_volatile=is_volatile, note_type=note_type)


def finish_column(column: ColumnRead) -> ColumnRead:
    """Add what a serial type stands for."""
    if column.type.split("(")[0] in SERIALS:
        column.traits |= {Trait.SERIAL, Trait.NOT_NULL, Trait.DEFAULT, Trait.VOLATILE_DEFAULT}
    return column


def is_free_change(old: str, new: str, server: Server) -> bool:
    """Tell whether a change of type only touches the catalogue.

    Source: PostgreSQL manual, ALTER TABLE, Notes (binary coercible types, and length coercions that only widen).
    """
    if old == new:
        return True
    a, b = _SIZE.match(old), _SIZE.match(new)
    if a is None or b is None or a["rest"] != b["rest"]:
        return old in ("varchar", "text") and new in ("varchar", "text")
    one, two = a["base"].strip(), b["base"].strip()
    if {one, two} <= {"varchar", "text"}:
        return two == "text" or b["a"] is None or (a["a"] is not None and one == two and int(b["a"]) >= int(a["a"]))
    if one != two:
        return False
    if one == "numeric":
        if b["a"] is None:
            return True
        return a["a"] is not None and int(b["a"]) >= int(a["a"]) and (a["b"] or "0") == (b["b"] or "0")
    return one in ("varbit",) and (b["a"] is None or (a["a"] is not None and int(b["a"]) >= int(a["a"])))
