"""How values of one PostgreSQL type become values of another, and what is lost on the way; pure data and small rules.

A conversion is strict: it raises on a value it cannot take. ``fits`` says in SQL which values it takes, ``loses``
whether a value that went through may not come back as it was.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lockgate.engine.postgres.quote import quote_literal
from lockgate.model.schema import Composite, Domain, EnumType

UserType = EnumType | Domain | Composite | None


class TypeName(NamedTuple):
    """A native type taken apart: ``numeric(10,2)[]`` is base ``numeric``, modifiers (10, 2), one dimension."""

    text: str
    base: str
    modifiers: tuple[int, ...]
    is_array: bool
    user: UserType

    @property
    def element(self) -> str:
        """The type's text without its array brackets."""
        return self.text.split("[")[0] if self.is_array else self.text


class Conversion(NamedTuple):
    """SQL with ``{c}`` in the column's place. ``rewrites`` is False where the bytes stay as they are."""

    using: str
    fits: str | None = None
    loses: bool = False
    rewrites: bool = True
    is_implicit: bool = False


_INTS = {"smallint": (-(2**15), 2**15 - 1), "integer": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
_FLOATS = {"real", "double precision"}
_NUMBERS = {*_INTS, *_FLOATS, "numeric", "money"}
_TEXTS = {"text", "character varying", "character", "name", "citext", '"char"'}
_TIMES = {"timestamp without time zone", "timestamp with time zone", "date"}
_CLOCKS = {"time without time zone", "time with time zone"}
_PATTERNS = {
    "smallint": r"^\s*[-+]?[0-9]+\s*$",
    "integer": r"^\s*[-+]?[0-9]+\s*$",
    "bigint": r"^\s*[-+]?[0-9]+\s*$",
    "numeric": r"^\s*([-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|NaN)\s*$",
    "real": r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$",
    "double precision": r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$",
    "uuid": r"^\s*\{?[0-9a-fA-F]{4}-?([0-9a-fA-F]{4}-?){6}[0-9a-fA-F]{4}\}?\s*$",
    "boolean": (
        r"^\s*([tT]([rR]([uU][eE]?)?)?|[fF]([aA]([lL]([sS][eE]?)?)?)?"
        r"|[yY]([eE][sS]?)?|[nN][oO]?|[oO]([nN]|[fF][fF]?)|1|0)\s*$"
    ),
    "date": r"^\s*[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\s*$",
    "timestamp without time zone": r"^\s*[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T].*)?$",
    "timestamp with time zone": r"^\s*[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T].*)?$",
    "time without time zone": r"^\s*[0-2]?[0-9]:[0-5][0-9].*$",
    "time with time zone": r"^\s*[0-2]?[0-9]:[0-5][0-9].*$",
    "json": r"^\s*([\[{\"0-9-]|true|false|null)",
    "jsonb": r"^\s*([\[{\"0-9-]|true|false|null)",
    "bit": r"^[01]*$",
    "bit varying": r"^[01]*$",
}
_ZERO = {
    "boolean": "false",
    "date": "'1970-01-01'",
    "timestamp without time zone": "'1970-01-01 00:00:00'",
    "timestamp with time zone": "'1970-01-01 00:00:00+00'",
    "time without time zone": "'00:00:00'",
    "time with time zone": "'00:00:00+00'",
    "interval": "'0'",
    "uuid": "'00000000-0000-0000-0000-000000000000'",
    "json": "'{}'",
    "jsonb": "'{}'",
    "xml": "'<x/>'",
    "inet": "'0.0.0.0'",
    "cidr": "'0.0.0.0/32'",
    "macaddr": "'00:00:00:00:00:00'",
    "macaddr8": "'00:00:00:00:00:00:00:00'",
    "point": "'(0,0)'",
    "line": "'{1,0,0}'",
    "lseg": "'[(0,0),(0,0)]'",
    "box": "'(0,0),(0,0)'",
    "path": "'[(0,0)]'",
    "polygon": "'((0,0))'",
    "circle": "'<(0,0),0>'",
    "pg_lsn": "'0/0'",
    "oid": "0",
    "geometry": "'POINT(0 0)'",
    "geography": "'POINT(0 0)'",
}


def parse_type(text: str, user: UserType = None) -> TypeName:
    """Take a native type text apart; ``user`` is what it names when that is a type of the schema."""
    is_array = text.endswith("]")
    element = re.sub(r"(\[\d*\])+$", "", text)
    match = re.search(r"\(([^()]*)\)", element)
    numbers: tuple[int, ...] = ()
    base = element
    if match is not None and '"' not in element:
        base = (element[: match.start()] + element[match.end() :]).strip()
        numbers = tuple(int(n) for n in match[1].split(",") if re.fullmatch(r"\s*-?\d+\s*", n))
    return TypeName(text, base, numbers, is_array, user)


def zero_value(kind: TypeName) -> str | None:
    """Return the literal of a type's zero value: '' / 0 / epoch / the first label; None when none is known."""
    if kind.is_array:
        return "'{}'"
    if isinstance(kind.user, EnumType):
        return quote_literal(kind.user.values[0]) if kind.user.values else None
    if isinstance(kind.user, Domain):
        return zero_value(parse_type(kind.user.type))
    if isinstance(kind.user, Composite):
        return "ROW(" + ", ".join("NULL" for _ in kind.user.attributes) + ")"
    if kind.base in _NUMBERS:
        return "0"
    if kind.base in _TEXTS or kind.base in ("bytea", "tsvector", "hstore", "ltree"):
        return "''"
    if kind.base == "bit":
        return "B'" + "0" * (kind.modifiers[0] if kind.modifiers else 1) + "'"
    if kind.base == "bit varying":
        return "B''"
    if kind.base.endswith("range"):
        return "'{}'" if kind.base.endswith("multirange") else "'empty'"
    if kind.base == "vector" and kind.modifiers:
        return "'[" + ",".join("0" for _ in range(kind.modifiers[0])) + "]'"
    return _ZERO.get(kind.base.split(".")[-1])


def find_conversion(old: TypeName, new: TypeName) -> Conversion | None:
    """Return how values of ``old`` become values of ``new``; None when the column has to be parked instead."""
    if old.text == new.text and old.user == new.user:
        return Conversion("{c}", rewrites=False, is_implicit=True)
    if old.is_array and new.is_array:
        return _array_to_array(old, new)
    if new.is_array:
        inner = find_conversion(old, parse_type(new.element, new.user))
        if inner is None:
            return None
        using = f"CASE WHEN {{c}} IS NULL THEN NULL ELSE ARRAY[{inner.using}]::{new.text} END"
        return Conversion(using, inner.fits, inner.loses)
    if old.is_array:
        return _array_to_scalar(old, new)
    return _scalar(old, new)


def _array_to_array(old: TypeName, new: TypeName) -> Conversion | None:
    left, right = parse_type(old.element, old.user), parse_type(new.element, new.user)
    inner = find_conversion(left, right)
    if inner is None:
        return None
    if isinstance(new.user, EnumType):
        labels = ", ".join(map(quote_literal, new.user.values))
        fits = f"COALESCE({{c}}::text[] <@ ARRAY[{labels}]::text[], true)"
        return Conversion(f"{{c}}::text[]::{new.text}", fits)
    if left.base == right.base and old.user is None and new.user is None:
        return inner._replace(using=f"{{c}}::{new.text}", fits=None, is_implicit=inner.is_implicit)
    if left.base in _NUMBERS and right.base in _NUMBERS:
        return Conversion(f"{{c}}::{new.text}", None, inner.loses)
    return Conversion(f"{{c}}::text[]::{new.text}", None, inner.loses)


def _array_to_scalar(old: TypeName, new: TypeName) -> Conversion | None:
    if new.base in ("text", "character varying") and not new.modifiers:
        return Conversion(f"{{c}}::text::{new.text}")
    inner = find_conversion(parse_type(old.element, old.user), new)
    if inner is None:
        return None
    first = "({c})[1]"
    return Conversion(inner.using.replace("{c}", first), inner.fits and inner.fits.replace("{c}", first), loses=True)


def _scalar(old: TypeName, new: TypeName) -> Conversion | None:
    if isinstance(old.user, Domain):
        return _from_domain(old.user, new)
    if isinstance(new.user, Domain):
        inner = find_conversion(old, parse_type(new.user.type))
        return inner and inner._replace(using=f"({inner.using})::{new.text}", is_implicit=False)
    if isinstance(new.user, Composite) or isinstance(old.user, Composite):
        return _composite(old, new)
    if isinstance(new.user, EnumType):
        if not (isinstance(old.user, EnumType) or old.base in _TEXTS):
            return None
        labels = ", ".join(map(quote_literal, new.user.values)) or "NULL"
        return Conversion(f"{{c}}::text::{new.text}", f"COALESCE({{c}}::text IN ({labels}), true)")
    if old.base == new.base and old.user is None and new.user is None:
        return _same_base(old, new)
    if new.base in _TEXTS:
        return _to_text(old, new)
    if old.base in _TEXTS:
        return _from_text(new)
    if isinstance(old.user, EnumType):
        return None
    if old.user is not None or new.user is not None:
        return None
    return _builtin(old, new)


def _from_domain(domain: Domain, new: TypeName) -> Conversion | None:
    base = parse_type(domain.type)
    if base.text == new.text:
        return Conversion("{c}", rewrites=False, is_implicit=True)
    inner = find_conversion(base, new)
    return inner and inner._replace(using=inner.using.replace("{c}", f"{{c}}::{base.text}"), is_implicit=False)


def _composite(old: TypeName, new: TypeName) -> Conversion | None:
    if not (isinstance(new.user, Composite) and isinstance(old.user, Composite)):
        if new.base in ("text", "character varying") and not new.modifiers:
            return Conversion("{c}::text")
        return None
    from lockgate.engine.postgres.quote import quote_ident

    known = {a.name: a for a in old.user.attributes}
    fields: list[str] = []
    loses = bool(known.keys() - {a.name for a in new.user.attributes})
    for attribute in new.user.attributes:
        was = known.get(attribute.name)
        if was is None:
            fields.append("NULL")
        elif was.type == attribute.type:
            fields.append(f"({{c}}).{quote_ident(attribute.name)}")
        else:
            fields.append(f"({{c}}).{quote_ident(attribute.name)}::text::{attribute.type}")
            loses = True
    row = f"ROW({', '.join(fields)})::{new.text}"
    return Conversion(f"CASE WHEN {{c}} IS NULL THEN NULL ELSE {row} END", None, loses)


def _same_base(old: TypeName, new: TypeName) -> Conversion:
    if old.base in ("character varying", "character", "bit", "bit varying"):
        limit, was = (new.modifiers or (None,))[0], (old.modifiers or (None,))[0]
        if limit is None or (was is not None and was <= limit):
            is_free = old.base in ("character varying", "bit varying")
            return Conversion("{c}", rewrites=not is_free, is_implicit=True)
        size = "length({c})" if old.base.startswith("bit") else "char_length({c})"
        return Conversion("{c}", f"COALESCE({size} <= {limit}, true)", is_implicit=True)
    if old.base == "numeric":
        return _numeric(old, new)
    return Conversion("{c}", loses=_is_less_precise(old, new), rewrites=_is_less_precise(old, new), is_implicit=True)


def _numeric(old: TypeName, new: TypeName) -> Conversion:
    if not new.modifiers:
        return Conversion("{c}", rewrites=False, is_implicit=True)
    scale = new.modifiers[1] if len(new.modifiers) > 1 else 0
    old_scale = (old.modifiers[1] if len(old.modifiers) > 1 else 0) if old.modifiers else None
    fits = f"COALESCE(abs(round({{c}}, {scale})) < 1e{new.modifiers[0] - scale}, true)"
    is_wide = old_scale is not None and scale >= old_scale and new.modifiers[0] - scale >= old.modifiers[0] - old_scale
    return Conversion(
        "{c}",
        None if is_wide else fits,
        loses=old_scale is None or scale < old_scale,
        rewrites=not (is_wide and scale == old_scale),
        is_implicit=True,
    )


def _is_less_precise(old: TypeName, new: TypeName) -> bool:
    if not new.modifiers or old.modifiers == new.modifiers:
        return False
    return not old.modifiers or new.modifiers[0] < old.modifiers[0]


def _to_text(old: TypeName, new: TypeName) -> Conversion:
    is_plain = old.base in ("text", "character varying") and new.base in ("text", "character varying")
    using = "{c}" if is_plain else f"{{c}}::text::{new.text}" if new.base != "text" else "{c}::text"
    limit = new.modifiers[0] if new.modifiers else (1 if new.base == "character" else None)
    if new.base == "name":
        limit = 63
    fits = f"COALESCE(char_length({{c}}::text) <= {limit}, true)" if limit is not None else None
    loses = new.base == "character" or new.base == '"char"'
    return Conversion(using, fits, loses, rewrites=not is_plain or limit is not None, is_implicit=is_plain)


def _from_text(new: TypeName) -> Conversion:
    using = f"{{c}}::text::{new.text}"
    pattern = _PATTERNS.get(new.base)
    if pattern is None:
        return Conversion(using, None, loses=new.base not in ("json", "bytea"))
    matches = f"{{c}}::text ~ {quote_literal(pattern)}"
    if new.base in _INTS:
        low, high = _INTS[new.base]
        matches = f"CASE WHEN {matches} THEN {{c}}::text::numeric BETWEEN {low} AND {high} ELSE false END"
    return Conversion(using, f"({{c}} IS NULL OR {matches})", loses=new.base != "json")


def _builtin(old: TypeName, new: TypeName) -> Conversion | None:
    if old.base in _NUMBERS and new.base in _NUMBERS:
        return _number(old, new)
    if old.base == "boolean" and new.base in _NUMBERS:
        return Conversion(f"{{c}}::integer::{new.text}")
    if old.base in _INTS and new.base == "boolean":
        return Conversion("({c} <> 0)", None, loses=True)
    if {old.base, new.base} == {"json", "jsonb"}:
        return Conversion(f"{{c}}::{new.text}", None, loses=new.base == "jsonb")
    if old.base in _TIMES and new.base in _TIMES:
        loses = not (old.base == "date" and new.base == "timestamp without time zone")
        return Conversion(f"{{c}}::{new.text}", None, loses)
    if old.base in {*_TIMES, *_CLOCKS, "interval"} and new.base in _CLOCKS and old.base != "date":
        return Conversion(f"{{c}}::{new.text}", None, loses=True)
    if old.base.startswith("time without") and new.base == "interval":
        return Conversion(f"{{c}}::{new.text}")
    if {old.base, new.base} <= {"inet", "cidr"}:
        return Conversion(f"{{c}}::{new.text}", None, loses=new.base == "cidr")
    if {old.base, new.base} <= {"bit", "bit varying"}:
        return Conversion(f"{{c}}::{new.text}", None, loses=True)
    if {old.base, new.base} <= {"macaddr", "macaddr8"}:
        return Conversion(f"{{c}}::{new.text}", None, loses=new.base == "macaddr")
    return None


def _number(old: TypeName, new: TypeName) -> Conversion | None:
    if "money" in (old.base, new.base):
        inner = f"{{c}}::numeric::{new.text}"
        return Conversion(inner, None, loses=True)
    if new.base in _INTS:
        low, high = _INTS[new.base]
        is_whole = old.base in _INTS
        fits = None if is_whole and _INTS[old.base][1] <= high else f"COALESCE({{c}} BETWEEN {low} AND {high}, true)"
        return Conversion(
            "{c}" if is_whole else f"round({{c}}::numeric)::{new.text}", fits, not is_whole, True, is_whole
        )
    if new.base == "numeric":
        scale = new.modifiers[1] if len(new.modifiers) > 1 else 0
        fits = None
        if new.modifiers:
            fits = f"COALESCE(abs({{c}}::numeric) < 1e{new.modifiers[0] - scale}, true)"
        return Conversion(f"{{c}}::{new.text}", fits, loses=old.base not in _INTS, is_implicit=True)
    loses = not (old.base in ("smallint", "integer") and new.base == "double precision") and old.base != "real"
    return Conversion(f"{{c}}::{new.text}", None, loses, is_implicit=True)
