"""The columns of a pair of tables: which are mirrored, and how their values are written and compared; pure."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from lockgate.engine.mysql.conversions import convert, read_type, zero_of
from lockgate.engine.mysql.lexer import quote_name
from lockgate.model.schema import Column, Table

_INTS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_EXACT = _INTS | {"decimal"}
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})
_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"})
_SHAPES = frozenset({"geometry", "point", "linestring", "polygon"}) | frozenset(
    {"multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection"}
)
_LABELS = frozenset({"enum", "set"})
_TIMES = frozenset({"datetime", "timestamp", "time"})


@dataclass(frozen=True)
class Mirrored:
    """A column of the source and the one of the mirror that is kept equal to it."""

    source: Column
    mirror: Column

    @property
    def name(self) -> str:
        """The name of both, quoted."""
        return quote_name(self.mirror.name)

    @property
    def is_exact(self) -> bool:
        """Whether the mirror holds every value of the source exactly as it is."""
        a, b = self.source, self.mirror
        is_same = (a.type, a.charset, a.generated, a.options) == (b.type, b.charset, b.generated, b.options)
        return is_same and (b.is_nullable or not a.is_nullable)

    @property
    def may_round(self) -> bool:
        """Whether the mirror may take a value without an error and hold another one."""
        return not self.is_exact and convert(self.source, self.mirror).is_lossy

    def value(self, prefix: str) -> str:
        """Return the source's value as it is written to the mirror; ``prefix`` is ``NEW.``, ``OLD.`` or an alias."""
        value = f"{prefix}{self.name}"
        kinds = (read_type(self.source.type).base, read_type(self.mirror.type).base)
        if kinds == ("timestamp", "datetime"):
            return f"CONVERT_TZ({value}, @@SESSION.time_zone, @@GLOBAL.time_zone)"
        if kinds == ("datetime", "timestamp"):
            return f"CONVERT_TZ({value}, @@GLOBAL.time_zone, @@SESSION.time_zone)"
        return value

    def is_changed(self) -> str:
        """Return the condition, within an UPDATE trigger, that the source's value is another one."""
        return f"NOT ({_exact('OLD.' + self.name, self.source)} <=> {_exact('NEW.' + self.name, self.source)})"

    def is_equal(self, source: str, mirror: str) -> str:
        """Return the condition that the mirror holds the source's value, converted; prefixes as in `value`."""
        a, b = self.value(source), f"{mirror}{self.name}"
        old, new = read_type(self.source.type), read_type(self.mirror.type)
        if (self.source.type, self.source.charset) == (self.mirror.type, self.mirror.charset):
            return f"{_exact(a, self.source)} <=> {_exact(b, self.mirror)}"
        if old.base in _EXACT and new.base in _EXACT:
            scale = int(new.arguments[1]) if new.base == "decimal" and len(new.arguments) > 1 else 0
            return f"ROUND({a}, {scale}) <=> {b}"
        if old.base in _TEXTS | _LABELS and new.base in _TEXTS | _LABELS:
            return f"{_bytes(a)} <=> {_bytes(b)}"
        if old.base in _TIMES and new.base in _TIMES and "time" not in (old.base, new.base):
            digits = new.arguments[0] if new.arguments else "0"
            return f"CAST({a} AS DATETIME({digits})) <=> {b}"
        return f"({a} IS NULL) = ({b} IS NULL)"


def key_obstacles(column: Mirrored, prefix: str) -> tuple[str, ...]:
    """Return the conditions under which the mirror cannot hold the value of a key's column."""
    stand_in = "lockgate_value"
    plain = (replace(side, name=stand_in, is_nullable=False) for side in (column.source, column.mirror))
    found = convert(*plain).obstacles
    return tuple(condition.replace(quote_name(stand_in), f"{prefix}{column.name}") for condition, _ in found)


def mirrored_columns(source: Table, mirror: Table) -> tuple[Mirrored, ...]:
    """Return the columns that a mirror takes from its source, in the mirror's order."""
    found = {column.name: column for column in source.columns}
    return tuple(
        Mirrored(found[column.name], column)
        for column in mirror.columns
        if column.name in found and column.generated is None
    )


def given_values(source: Table, mirror: Table) -> dict[str, str]:
    """Return what columns that only the mirror has are given, where they take neither NULL nor a default."""
    known = {column.name for column in source.columns}
    return {
        column.name: zero_of(column)
        for column in mirror.columns
        if column.name not in known and must_be_given(column) and not column.is_auto_increment
    }


def must_be_given(column: Column) -> bool:
    """Tell whether an INSERT must name a column."""
    return column.generated is None and not column.is_nullable and column.default is None


def text_of(value: str, column: Column) -> str:
    """Return a value as text; bytes and shapes in hexadecimal."""
    base = read_type(column.type).base
    return f"HEX({value})" if base in _BYTES | _SHAPES else f"CAST({value} AS CHAR)"


def json_value(value: str, column: Column) -> str:
    """Return a value as JSON_OBJECT takes it."""
    return value if read_type(column.type).base in _INTS else text_of(value, column)


def _exact(value: str, column: Column) -> str:
    """Return a value in a form in which nothing but the very same value is equal to it."""
    base = read_type(column.type).base
    if base in _SHAPES:
        return f"HEX({value})"
    if base in _LABELS:
        return f"({value} + 0)"
    if base in _TEXTS:
        return f"CAST({value} AS BINARY)"
    if base == "json":
        return f"CAST(CAST({value} AS CHAR) AS BINARY)"
    return value


def _bytes(value: str) -> str:
    return f"CAST(CONVERT({value} USING utf8mb4) AS BINARY)"
