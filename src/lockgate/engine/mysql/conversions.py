"""What a change of a column's type may do to its values: nothing, lose something, or fail; pure.

A conversion is *lossy* when a value may come out different; then the old values are kept. Its conditions are SQL that
is true for rows that stand in the way: they refuse before anything is touched, so that nothing is ever clamped.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lockgate.engine.mysql.lexer import quote_name, quote_string, unquote_string
from lockgate.model.schema import Column

_INTS = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}
_TEXTS = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295}
_BLOBS = {"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295}


class Conversion(NamedTuple):
    """Whether values may change, and (condition, what is wrong with such rows) pairs."""

    is_lossy: bool
    obstacles: tuple[tuple[str, str], ...] = ()


class Type(NamedTuple):
    """A column type taken apart; ``arguments`` are the texts in the parentheses."""

    base: str
    arguments: tuple[str, ...]
    is_unsigned: bool


def read_type(text: str) -> Type:
    """Take a type apart."""
    match = re.match(r"\s*(\w+)(?:\s*\((.*)\))?(.*)$", text, re.S)
    assert match is not None
    inner = match.group(2)
    arguments = tuple(re.findall(r"'(?:[^'\\]|\\.|'')*'|[^,\s]+", inner)) if inner else ()
    rest = match.group(3).lower()
    return Type(match.group(1).lower(), arguments, "unsigned" in rest or "zerofill" in rest)


def convert(before: Column, after: Column) -> Conversion:
    """Tell what changing a column from one definition to the other does to its values."""
    old, new = read_type(before.type), read_type(after.type)
    name = quote_name(before.name)
    found = _convert_type(name, old, new)
    return Conversion(found.is_lossy, found.obstacles + _charset_obstacles(name, before, after))


def _convert_type(name: str, old: Type, new: Type) -> Conversion:
    if old == new:
        return Conversion(False)
    if old.base in _INTS:
        return _from_int(name, old, new)
    if _is_text(old) and _is_text(new):
        return _text_to_text(name, old, new)
    if old.base in _BLOBS | {"varbinary": 0} and new.base in _BLOBS | {"varbinary": 0}:
        return Conversion(False, _too_long(name, "OCTET_LENGTH", _octets(new)))
    if old.base == new.base == "decimal":
        return _decimal_to_decimal(name, old, new)
    if old.base in ("enum", "set") and old.base == new.base:
        return _labels_to_labels(name, old, new)
    if old.base == "enum" and _is_text(new):
        return Conversion(False, _too_long(name, "CHAR_LENGTH", _characters(new)))
    if old.base == "float" and new.base == "double" and not old.arguments and not new.arguments:
        return Conversion(False)
    if old.base == new.base and old.base in ("datetime", "timestamp", "time") and _digits(new) >= _digits(old):
        return Conversion(False)
    if old.base == "date" and new.base == "datetime":
        return Conversion(False)
    if old.base == "decimal" and new.base in _INTS:
        return Conversion(True, _out_of_range(name, new))
    if _is_text(old) and (new.base in _INTS or new.base in ("decimal", "float", "double")):
        return Conversion(True, _not_a_number(name, new))
    if _is_text(old) and new.base == "json":
        return Conversion(True, ((f"{name} IS NOT NULL AND NOT JSON_VALID({name})", "hold no valid JSON"),))
    if _is_text(old) and new.base == "enum":
        labels = ", ".join(new.arguments)
        return Conversion(True, ((f"{name} NOT IN ({labels})", "hold a value that is no label"),))
    if old.base in ("datetime", "date") and new.base == "timestamp":
        bounds = "'1970-01-02 00:00:00' AND '2038-01-18 00:00:00'"
        return Conversion(True, ((f"{name} NOT BETWEEN {bounds}", "hold a time that no timestamp can"),))
    if _is_text(new):
        return Conversion(True, _too_long(name, "CHAR_LENGTH", _characters(new)))
    return Conversion(True)


def is_text(text: str) -> bool:
    """Tell whether a type holds characters."""
    return _is_text(read_type(text))


def is_number(text: str) -> bool:
    """Tell whether a type holds numbers, so that one out of range has a nearest."""
    return read_type(text).base in (*_INTS, "decimal", "float", "double")


def _is_text(type_: Type) -> bool:
    return type_.base in ("char", "varchar") or type_.base in _TEXTS


def _digits(type_: Type) -> int:
    return int(type_.arguments[0]) if type_.arguments else 0


def _characters(type_: Type) -> int:
    """Return how many characters surely fit."""
    if type_.base in ("char", "varchar"):
        return _digits(type_) if type_.arguments else 1
    return _TEXTS[type_.base]


def _octets(type_: Type) -> int:
    return _digits(type_) if type_.base == "varbinary" else _BLOBS[type_.base]


def _too_long(name: str, function: str, limit: int) -> tuple[tuple[str, str], ...]:
    return ((f"{function}({name}) > {limit}", f"are longer than {limit}"),)


def _range(type_: Type) -> tuple[int, int]:
    bits = _INTS[type_.base] * 8
    return (0, 2**bits - 1) if type_.is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _out_of_range(name: str, new: Type) -> tuple[tuple[str, str], ...]:
    low, high = _range(new)
    return ((f"({name} < {low} OR {name} > {high})", f"are not between {low} and {high}"),)


def _from_int(name: str, old: Type, new: Type) -> Conversion:
    if new.base in _INTS:
        (low, high), (new_low, new_high) = _range(old), _range(new)
        return Conversion(False, () if new_low <= low and high <= new_high else _out_of_range(name, new))
    if new.base == "decimal":
        whole = _decimal(new)[0] - _decimal(new)[1]
        low = 0 if new.is_unsigned else -(10**whole - 1)
        return Conversion(False, ((f"({name} < {low} OR {name} > {10**whole - 1})", "have too many digits"),))
    if new.base == "double" and old.base != "bigint":
        return Conversion(False)
    if _is_text(new):
        return Conversion(False, _too_long(name, "CHAR_LENGTH", _characters(new)))
    if new.base == "enum":
        # The server takes the number for the label's position and refuses any other (manual, "The ENUM Type").
        count = len(new.arguments)
        return Conversion(True, ((f"{name} NOT BETWEEN 1 AND {count}", f"are no position among {count} labels"),))
    return Conversion(True)


def _text_to_text(name: str, old: Type, new: Type) -> Conversion:
    limit = _characters(new)
    obstacles = () if limit >= _characters(old) and new.base not in _TEXTS else _too_long(name, _measure(new), limit)
    if new.base in _TEXTS and (old.base in _TEXTS and _TEXTS[old.base] <= limit):
        obstacles = ()
    if new.base == "char" and old.base != "char":
        obstacles += ((f"{name} LIKE '% '", "end in a space, which a char does not keep"),)
    return Conversion(False, obstacles)


def _measure(new: Type) -> str:
    return "OCTET_LENGTH" if new.base in _TEXTS else "CHAR_LENGTH"


def _decimal(type_: Type) -> tuple[int, int]:
    digits = [int(a) for a in type_.arguments] or [10]
    return digits[0], digits[1] if len(digits) > 1 else 0


def _decimal_to_decimal(name: str, old: Type, new: Type) -> Conversion:
    whole, scale = _decimal(new)[0] - _decimal(new)[1], _decimal(new)[1]
    obstacles: tuple[tuple[str, str], ...] = ()
    if whole < _decimal(old)[0] - _decimal(old)[1] or scale < _decimal(old)[1]:
        obstacles = ((f"ABS(ROUND({name}, {scale})) >= 1{'0' * whole}", "have too many digits"),)
    if new.is_unsigned and not old.is_unsigned:
        obstacles += ((f"{name} < 0", "are negative"),)
    return Conversion(scale < _decimal(old)[1], obstacles)


def _labels(type_: Type) -> list[str]:
    return [unquote_string(argument) for argument in type_.arguments]


def _labels_to_labels(name: str, old: Type, new: Type) -> Conversion:
    gone = [label for label in _labels(old) if label not in _labels(new)]
    if not gone:
        return Conversion(False)
    if old.base == "enum":
        listed = ", ".join(map(quote_string, gone))
        return Conversion(True, ((f"{name} IN ({listed})", f"hold one of the labels {', '.join(gone)}"),))
    tests = " OR ".join(f"FIND_IN_SET({quote_string(label)}, {name})" for label in gone)
    return Conversion(True, ((f"({tests})", f"hold one of the members {', '.join(gone)}"),))


def _not_a_number(name: str, new: Type) -> tuple[tuple[str, str], ...]:
    pattern = "^[[:space:]]*[-+]?[0-9]+(\\\\.[0-9]*)?[[:space:]]*$"
    obstacles: tuple[tuple[str, str], ...] = ((f"{name} NOT REGEXP '{pattern}'", "hold no number"),)
    if new.base in _INTS:
        low, high = _range(new)
        number = f"CAST({name} AS DECIMAL(65,10))"
        obstacles += (
            (f"{name} REGEXP '{pattern}' AND ({number} < {low} OR {number} > {high})", f"are not in {low} … {high}"),
        )
    return obstacles


def _charset_obstacles(name: str, before: Column, after: Column) -> tuple[tuple[str, str], ...]:
    """Return the rows whose characters the new charset lacks."""
    old, new = before.charset, after.charset
    if old is None or new is None or old == new or new in ("utf8mb4", "utf16", "utf32") or old == "ascii":
        return ()
    wide = f"CONVERT({name} USING utf8mb4)"
    condition = f"BINARY CONVERT(CONVERT({name} USING {new}) USING utf8mb4) <> BINARY {wide}"
    return ((condition, f"hold characters that {new} lacks"),)


def zero_of(column: Column) -> str:
    """Return a literal of the type's zero value: what a NOT NULL column without a default gives to rows there are."""
    type_ = read_type(column.type)
    base = type_.base
    if "json_valid" in dict(column.options).get("check", "").lower():
        return "'null'"
    if base in _INTS or base in ("decimal", "float", "double", "year", "bit"):
        return "0"
    if base in ("datetime", "timestamp"):
        return "'1970-01-02 00:00:00'"
    fixed = {
        "date": "'1970-01-01'",
        "time": "'00:00:00'",
        "json": "'null'",
        "uuid": "'00000000-0000-0000-0000-000000000000'",
        "inet6": "'::'",
        "inet4": "'0.0.0.0'",
    }
    if base in fixed:
        return fixed[base]
    if base == "enum":
        return type_.arguments[0]
    srid = dict(column.options).get("srid", "0")
    shapes = {
        "geometry": "POINT(0 0)",
        "point": "POINT(0 0)",
        "linestring": "LINESTRING(0 0, 0 1)",
        "polygon": "POLYGON((0 0, 0 1, 1 1, 0 0))",
        "multipoint": "MULTIPOINT(0 0)",
        "multilinestring": "MULTILINESTRING((0 0, 0 1))",
        "multipolygon": "MULTIPOLYGON(((0 0, 0 1, 1 1, 0 0)))",
        "geometrycollection": "GEOMETRYCOLLECTION(POINT(0 0))",
        "geomcollection": "GEOMETRYCOLLECTION(POINT(0 0))",
    }
    if base in shapes:
        return f"ST_GeomFromText('{shapes[base]}', {srid})"
    return "''"
