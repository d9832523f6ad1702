"""The column types of drizzle-orm by dialect: which function gives which SQL type, and what its columns can do."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.source.drizzle.columns import Dialect, Kind, Options
from lockgate.source.drizzle.values import UNDEFINED, text_of

Type = Callable[[Options], str]


def _option(options: Options, name: str) -> str:
    value = options.get(name, UNDEFINED)
    return "" if value is UNDEFINED else text_of(value)


def _fixed(text: str) -> Type:
    return lambda options: text


def _sized(text: str, name: str, template: str = "({})") -> Type:
    """``varchar(20)``; without the option as it is."""

    def write(options: Options) -> str:
        size = _option(options, name)
        return text + (template.format(size) if size else "")

    return write


def _unsigned(text: str) -> Type:
    return lambda options: f"{text} unsigned" if options.get("unsigned") is True else text


def _number(text: str, separator: str = ",", plain: str = "") -> Type:
    """``decimal(15,2) unsigned``; ``plain`` is a precision that is left out."""

    def write(options: Options) -> str:
        precision, scale = _option(options, "precision"), _option(options, "scale")
        size = precision + (separator + scale if scale else "")
        result = f"{text}({size})" if precision else text
        if plain and result in (f"{text}({plain},0)", f"{text}({plain})"):
            result = text
        return f"{result} unsigned" if options.get("unsigned") is True else result

    return write


def _timed(text: str, space: str = "") -> Type:
    def write(options: Options) -> str:
        precision = _option(options, "precision")
        zone = " with time zone" if options.get("withTimezone") is True else ""
        return text + (f"{space}({precision})" if precision else "") + zone

    return write


def _timestamp(options: Options) -> str:
    """PostgreSQL's timestamp: drizzle-orm writes a space before the precision, but for ``mode: "string"``."""
    return _timed("timestamp", "" if options.get("mode") == "string" else " ")(options)


def _interval(options: Options) -> str:
    fields, precision = _option(options, "fields"), _option(options, "precision")
    return "interval" + (f" {fields}" if fields else "") + (f"({precision})" if precision else "")


def _sqlite_text(options: Options) -> str:
    length = "" if options.get("mode") == "json" else _option(options, "length")
    return f"text({length})" if length not in ("", "0") else "text"


def _mysql_enum(options: Options) -> str:
    values = options.get("enum")
    texts = [text_of(value) for value in values] if isinstance(values, (list, tuple)) else []
    return mangled_enum("enum(" + ",".join(f"'{text}'" for text in texts) + ")")


def mangled_enum(text: str) -> str:
    """Write an enum as drizzle-kit 0.31 does, which takes its own text apart at ``(`` and ``,``."""
    inner = text.split("(")[1][:-1]
    return "enum(" + ",".join("'" + _cut(v).replace("'", "''") + "'" for v in inner.split(",")) + ")"


def _cut(value: str) -> str:
    """JavaScript's ``substring(1, length - 1)``, which swaps its ends when they are the wrong way round."""
    start, end = sorted((1, max(len(value) - 1, 0)))
    return value[start:end]


def _kinds(*kinds: tuple[str, Type, str]) -> dict[str, Kind]:
    return {name: Kind(name, type_, frozenset(traits.split())) for name, type_, traits in kinds}


_COUNTED = "autoincrement"
MYSQL = Dialect(
    "mysql",
    _kinds(
        ("bigint", _unsigned("bigint"), _COUNTED),
        ("binary", _sized("binary", "length"), ""),
        ("boolean", _fixed("boolean"), ""),
        ("char", _sized("char", "length"), ""),
        ("date", _fixed("date"), ""),
        ("datetime", _sized("datetime", "fsp"), ""),
        ("decimal", _number("decimal", plain="10"), _COUNTED),
        ("double", _number("double"), _COUNTED),
        ("mysqlEnum", _mysql_enum, ""),
        ("float", _number("float"), _COUNTED),
        ("int", _unsigned("int"), _COUNTED),
        ("json", _fixed("json"), ""),
        ("mediumint", _unsigned("mediumint"), _COUNTED),
        ("real", _number("real", ", "), _COUNTED),
        ("serial", _fixed("serial"), f"{_COUNTED} counts"),
        ("smallint", _unsigned("smallint"), _COUNTED),
        ("text", _fixed("text"), ""),
        ("tinytext", _fixed("tinytext"), ""),
        ("mediumtext", _fixed("mediumtext"), ""),
        ("longtext", _fixed("longtext"), ""),
        ("time", _sized("time", "fsp"), ""),
        ("timestamp", _sized("timestamp", "fsp"), "now on_update"),
        ("tinyint", _unsigned("tinyint"), _COUNTED),
        ("varbinary", _sized("varbinary", "length"), ""),
        ("varchar", _sized("varchar", "length"), ""),
        ("year", _fixed("year"), ""),
    ),
    quote="`",
    now="(now())",
)

_INTEGER = "identity"
POSTGRES = Dialect(
    "postgresql",
    _kinds(
        ("bigint", _fixed("bigint"), _INTEGER),
        ("bigserial", _fixed("bigserial"), "not_null"),
        ("boolean", _fixed("boolean"), ""),
        ("char", _sized("char", "length"), ""),
        ("cidr", _fixed("cidr"), ""),
        ("date", _fixed("date"), "now"),
        ("doublePrecision", _fixed("double precision"), ""),
        ("inet", _fixed("inet"), ""),
        ("integer", _fixed("integer"), _INTEGER),
        ("interval", _interval, ""),
        ("json", _fixed("json"), ""),
        ("jsonb", _fixed("jsonb"), ""),
        ("line", _fixed("line"), ""),
        ("macaddr", _fixed("macaddr"), ""),
        ("macaddr8", _fixed("macaddr8"), ""),
        ("numeric", _number("numeric", ", "), ""),
        ("decimal", _number("numeric", ", "), ""),
        ("point", _fixed("point"), ""),
        ("geometry", _fixed("geometry(point)"), ""),
        ("real", _fixed("real"), ""),
        ("serial", _fixed("serial"), "not_null"),
        ("smallint", _fixed("smallint"), _INTEGER),
        ("smallserial", _fixed("smallserial"), "not_null"),
        ("text", _fixed("text"), ""),
        ("time", _timed("time"), "now"),
        ("timestamp", _timestamp, "now"),
        ("uuid", _fixed("uuid"), "random"),
        ("varchar", _sized("varchar", "length"), ""),
        ("bit", _sized("bit", "dimensions"), ""),
        ("halfvec", _sized("halfvec", "dimensions"), ""),
        ("sparsevec", _sized("sparsevec", "dimensions"), ""),
        ("vector", _sized("vector", "dimensions"), "vector"),
    ),
    traits=frozenset({"array"}),
    param="${}",
    generated_mode="stored",
)


SQLITE = Dialect(
    "sqlite",
    _kinds(
        ("blob", _fixed("blob"), ""),
        ("integer", _fixed("integer"), "key_options"),
        ("int", _fixed("integer"), "key_options"),
        ("numeric", _fixed("numeric"), ""),
        ("real", _fixed("real"), ""),
        ("text", _sqlite_text, ""),
    ),
)
