"""A column and its shadow, and how a value of one becomes a value of the other in SQL; pure."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.engine.postgres.convert import Conversion, TypeName
from lockgate.engine.postgres.quote import quote_ident
from lockgate.engine.postgres.tokens import tokenize
from lockgate.model.schema import Column, Domain, Key

# Types whose IS DISTINCT FROM is the built-in one and tells any two different values apart; others go through text.
_PLAIN = frozenset({
    "smallint", "integer", "bigint", "boolean", "date", "uuid", "oid", "timestamp without time zone",
    "timestamp with time zone", "time without time zone",
})  # fmt: skip
_TEXTS = frozenset({"text", "character varying"})


class Pair(NamedTuple):
    """One mirrored column: as it was, as it will be, and what the parked one of the two is called.

    ``there`` and ``back`` convert values from the old type to the new one and from the new to the old. ``proof`` is the
    reserved name of the CHECK that proves NOT NULL before it is set.
    """

    key: Key
    before: Column
    after: Column
    old: TypeName
    new: TypeName
    there: Conversion
    back: Conversion
    shadow: str
    spare: str
    proof: str


class Way(NamedTuple):
    """One direction of a pair: from the column in use to the parked one."""

    source: str
    target: str
    source_type: TypeName
    target_type: TypeName
    conversion: Conversion
    fallback: str


def way_there(pair: Pair) -> Way:
    """Return the direction while the old type is in use: the parked column is of the new type."""
    zero = fallback_of(pair.after, pair.new)
    return Way(pair.before.name, pair.shadow, pair.old, pair.new, pair.there, zero)


def way_back(pair: Pair) -> Way:
    """Return the direction while the new type is in use: the parked column is of the old type, and may be NULL."""
    return Way(pair.before.name, pair.shadow, pair.new, pair.old, pair.back, "NULL")


def fallback_of(column: Column, kind: TypeName) -> str:
    """Return what a value that does not fit is mirrored as: NULL, or the type's zero where NULL is not allowed."""
    from lockgate.engine.postgres.convert import zero_value

    if column.is_nullable and not (isinstance(kind.user, Domain) and not kind.user.is_nullable):
        return "NULL"
    zero = zero_value(kind)
    return f"{zero}::{column.type}" if zero is not None else "NULL"


def is_total(way: Way) -> bool:
    """Tell whether every value of the source surely has one of the target."""
    old, new = way.source_type, way.target_type
    if way.conversion.fits is not None:
        return False
    if old.is_array or new.is_array or new.user is not None:
        return False
    integers = ("smallint", "integer", "bigint")
    is_number = old.base in integers and new.base in (*integers, "numeric", "double precision")
    is_same = old.base == new.base and new.base in ("numeric", "character varying", "text")
    return is_number or is_same or (new.base in _TEXTS and not new.modifiers)


def is_told(way: Way) -> bool:
    """Tell whether the condition ``fits`` is exact, so that a value that passes it is converted without an error."""
    old, new = way.source_type, way.target_type
    if way.conversion.fits is None or old.is_array or new.is_array:
        return False
    integers = ("smallint", "integer", "bigint")
    return (
        (new.base in integers and old.base in (*integers, "numeric"))
        or (new.base == "numeric" and old.base in (*integers, "numeric"))
        or (new.base in ("character varying", "character") and old.base in ("text", "character varying", "character"))
        or way.conversion.fits.startswith("COALESCE({c}::text IN (")
    )


def converted(way: Way, source: str, *, is_guarded: bool) -> str:
    """Return the expression for the parked column's value.

    Args:
        source: The column in use, as SQL.
        is_guarded: Give the stand-in for a value that does not fit, instead of an error.
    """
    value = way.conversion.using.replace("{c}", source)  # a length is checked by ``fits``, so no cast cuts anything
    if way.conversion.is_implicit:
        value = f"{value}::{way.target_type.text}"
    if is_guarded and way.conversion.fits is not None:
        return f"CASE WHEN {way.conversion.fits.replace('{c}', source)} THEN {value} ELSE {way.fallback} END"
    return value


def differs(one: str, other: str, kind: TypeName) -> str:
    """Return the condition that two values of one type differ, in any session and whatever the type's own =."""
    if kind.user is None and not kind.is_array and kind.base in _PLAIN:
        return f"{one} IS DISTINCT FROM {other}"
    return f'({one})::text COLLATE "C" IS DISTINCT FROM ({other})::text COLLATE "C"'


def rename_in(text: str, column: str, other: str) -> str:
    """Return an expression of the server's own writing with a column's name replaced; strings stay."""
    result, position = [], 0
    tokens = tokenize(text)
    for number, token in enumerate(tokens):
        following = tokens[number + 1].text if number + 1 < len(tokens) else ""
        before = tokens[number - 1].text if number else ""
        is_name = token.kind in ("word", "name") and token.name == column
        if is_name and following not in ("(", ".") and before not in ("::", "."):
            result.append(text[position : token.start] + quote_ident(other))
            position = token.end
    return "".join([*result, text[position:]])
