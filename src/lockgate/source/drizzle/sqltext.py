"""``sql`…` `` values and the operators of drizzle-orm, and how they are written as SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lockgate.source.drizzle.values import (
    MOST_PARTS,
    UNDEFINED,
    Arr,
    BigInt,
    Entity,
    JsDate,
    Native,
    Obj,
    Place,
    Unknown,
    Value,
    find_unknown,
    is_nullish,
    json_of,
    text_of,
    truth_of,
)


class Unwritable(Exception):
    """A ``sql`` value cannot be written: ``why``, and where the reason stands when it is known."""

    def __init__(self, why: str, place: Place | None = None) -> None:
        super().__init__(why)
        self.why, self.place = why, place


@dataclass(frozen=True)
class Text:
    """A fixed part."""

    value: str


@dataclass(frozen=True)
class Name:
    """A quoted identifier."""

    value: str


@dataclass(frozen=True)
class Param:
    """A value that is passed beside the statement."""

    value: Value


@dataclass(eq=False)
class Sql(Entity):
    """A template: its parts in order."""

    chunks: list[Any]
    is_inline: bool = False

    def member(self, name: str, place: Place) -> Value:
        """Return a method."""
        match name:
            case "as":
                return Native(name, lambda args, at: Aliased(self, text_of(args[0])) if args else self)
            case "mapWith" | "$type" | "getSQL":
                return Native(name, lambda args, at: self)
            case "inlineParams":
                return Native(name, lambda args, at: self._inline())
            case "append":
                return Native(name, self._append)
            case "if":
                return Native(name, lambda args, at: self if truth_of(args[0]) else UNDEFINED)
        return Unknown(f"`.{name}` of sql`…` is not read", place)

    def _inline(self) -> Sql:
        self.is_inline = True
        return self

    def _append(self, args: list[Value], place: Place) -> Value:
        if args and isinstance(args[0], Sql):
            self.chunks += args[0].chunks
            return self
        return Unknown("`.append` of something that is not sql`…`", place)


@dataclass(eq=False)
class Aliased(Entity):
    """``sql`…`.as("name")``; ``is_selected``: it is read from a view that selects it."""

    sql: Sql
    alias: str
    is_selected: bool = False


@dataclass
class Writer:
    """How SQL is written in one place.

    ``quote`` is the dialect's mark; ``params`` gives a parameter's text from its number; None refuses names and
    parameters, as in a column's default. ``is_short``: columns without their table, as in indexes.
    """

    quote: str
    params: Callable[[int], str] | None
    column_name: Callable[[Any], str]
    is_short: bool = False
    is_inline: bool = False
    count: int = 0
    written: int = 0

    def write(self, sql: Sql) -> str:
        """Return the SQL text. Raises Unwritable."""
        return "".join(self._chunk(chunk, self.is_inline or sql.is_inline) for chunk in sql.chunks)

    def name(self, name: str) -> str:
        """Quote a name."""
        if self.params is None:
            raise Unwritable("drizzle-kit refuses names and parameters in sql`…` of a default; write them as text")
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def _chunk(self, chunk: Any, is_inline: bool) -> str:
        self.written += 1
        if self.written > MOST_PARTS:
            raise Unwritable("it is too large to be read")
        match chunk:
            case Text():
                return chunk.value
            case Name():
                return self.name(chunk.value)
            case Unknown():
                raise Unwritable(chunk.why, chunk.place)
            case Sql():
                return "".join(self._chunk(c, is_inline or chunk.is_inline) for c in chunk.chunks)
            case Aliased():
                return self.name(chunk.alias)
            case Param():
                return self._param(chunk.value, is_inline)
            case list():
                return f"({', '.join(self._chunk(c, is_inline) for c in chunk)})"
        if chunk is UNDEFINED:
            return ""
        to_sql = getattr(chunk, "to_sql", None)
        if to_sql is not None:
            return f"({self._chunk(to_sql(), is_inline)})"
        write_in = getattr(chunk, "write_in", None)
        return write_in(self) if write_in is not None else self._param(chunk, is_inline)

    def _param(self, value: Value, is_inline: bool) -> str:
        unknown = find_unknown(value)
        if unknown is not None:
            raise Unwritable(unknown.why, unknown.place)
        if is_inline:
            return _inlined(value)
        if self.params is None:
            raise Unwritable("drizzle-kit refuses names and parameters in sql`…` of a default; write them as text")
        self.count += 1
        return self.params(self.count)


def _inlined(value: Value) -> str:
    match value:
        case None:
            return "null"
        case BigInt():
            raise Unwritable("drizzle-kit does not write a bigint into sql`…`")
        case bool() | int() | float():
            return text_of(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case Obj() | Arr():
            text = json_of(value) if isinstance(value, Obj) else text_of(value)
            return "'" + text.replace("'", "''") + "'"
        case JsDate():
            raise Unwritable("a date in sql`…` is not read; write it as text")
    raise Unwritable("a value in sql`…` is not known")


@dataclass(eq=False)
class SqlTag(Entity):
    """The function ``sql`` with its helpers."""

    helpers: dict[str, Native] = field(default_factory=dict)

    def call(self, args: list[Value], place: Place) -> Value:
        """Make a value of a tagged template."""
        if not args or not isinstance(args[0], list):
            return Unknown("`sql` is called without a template", place)
        strings, values = args[0], args[1:]
        chunks: list[Any] = [Text(strings[0])]
        for value, string in zip(values, strings[1:], strict=True):
            chunks += [value, Text(string)]
        return Sql(chunks)

    def member(self, name: str, place: Place) -> Value:
        """Return a helper."""
        return self.helpers.get(name) or Unknown(f"`sql.{name}` is not read", place)


def _raw(args: list[Value], place: Place) -> Value:
    return args[0] if isinstance(args[0], Unknown) else Sql([Text(text_of(args[0]))])


def _identifier(args: list[Value], place: Place) -> Value:
    return args[0] if isinstance(args[0], Unknown) else Sql([Name(text_of(args[0]))])


def _join(args: list[Value], place: Place) -> Value:
    items = args[0] if args else UNDEFINED
    if not isinstance(items, list) or getattr(items, "holes", None):
        return find_unknown(items) or Unknown("`sql.join` of something that is no array", place)
    chunks: list[Any] = []
    for index, item in enumerate(items):
        if index and len(args) > 1:
            chunks.append(args[1])
        chunks.append(item)
    return Sql(chunks)


def make_sql_tag() -> SqlTag:
    """Return ``sql``."""
    helpers = {
        "raw": _raw,
        "identifier": _identifier,
        "join": _join,
        "empty": lambda args, place: Sql([]),
        "param": lambda args, place: Sql([Param(args[0])]),
        "fromList": lambda args, place: Sql(list(args[0])),
    }
    return SqlTag({name: Native(f"sql.{name}", call) for name, call in helpers.items()})


def _infix(sign: str) -> Callable[[list[Value], Place], Value]:
    return lambda args, place: Sql([args[0], Text(f" {sign} "), _encoded(args[0], args[1]), Text("")])


def _encoded(column: Value, value: Value) -> Value:
    """Turn a value into what the column stores: SQLite's booleans are numbers."""
    encode = getattr(column, "encode", None)
    return encode(value) if encode is not None else value


def _suffix(text: str) -> Callable[[list[Value], Place], Value]:
    return lambda args, place: Sql([args[0], Text(f" {text}")])


def _all_of(word: str) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        parts: list[Any] = [a for a in args if a is not UNDEFINED]
        if len(parts) < 2:
            return Sql(parts) if parts else UNDEFINED
        chunks: list[Any] = [Text("(")]
        for index, part in enumerate(parts):
            chunks += [Text(f" {word} ")] * bool(index) + [part]
        return Sql([*chunks, Text(")")])

    return call


def _membership(sign: str, empty: str) -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        if isinstance(args[1], list) and not args[1]:
            return Sql([Text(empty)])
        return Sql([args[0], Text(f" {sign} "), args[1]])

    return call


def _between(word: str) -> Callable[[list[Value], Place], Value]:
    return lambda args, place: Sql([args[0], Text(f" {word} "), args[1], Text(" and "), args[2]])


def _arity(name: str, count: int, call: Callable[[list[Value], Place], Value]) -> Native:
    def checked(args: list[Value], place: Place) -> Value:
        if len(args) < count:
            return Unknown(f"`{name}` is called with too few arguments", place)
        return call(args, place)

    return Native(name, checked)


def _aggregate(name: str, word: str = "") -> Callable[[list[Value], Place], Value]:
    def call(args: list[Value], place: Place) -> Value:
        of = args[0] if args and not is_nullish(args[0]) else Sql([Text("*")])
        return Sql([Text(f"{name}({word}"), of, Text(")")])

    return call


def make_operators() -> dict[str, Value]:
    """Return what drizzle-orm exports for conditions, by name."""
    infix = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "like", "ilike": "ilike"}
    infix |= {"notLike": "not like", "notIlike": "not ilike"}
    suffix = {"isNull": "is null", "isNotNull": "is not null", "asc": "asc", "desc": "desc"}
    made: dict[str, Value] = {name: _arity(name, 2, _infix(sign)) for name, sign in infix.items()}
    made |= {name: _arity(name, 1, _suffix(text)) for name, text in suffix.items()}
    made["and"] = Native("and", _all_of("and"))
    made["or"] = Native("or", _all_of("or"))
    made |= {name: Native(name, _aggregate(name)) for name in ("count", "sum", "avg", "min", "max")}
    made |= {f"{name}Distinct": Native(name, _aggregate(name, "distinct ")) for name in ("count", "sum", "avg")}
    made["exists"] = _arity("exists", 1, lambda args, place: Sql([Text("exists "), args[0]]))
    made["notExists"] = _arity("notExists", 1, lambda args, place: Sql([Text("not exists "), args[0]]))
    made["not"] = _arity("not", 1, lambda args, place: Sql([Text("not "), args[0]]))
    made["inArray"] = _arity("inArray", 2, _membership("in", "false"))
    made["notInArray"] = _arity("notInArray", 2, _membership("not in", "true"))
    made["between"] = _arity("between", 3, _between("between"))
    made["notBetween"] = _arity("notBetween", 3, _between("not between"))
    return made


__all__ = ["Aliased", "Sql", "SqlTag", "Text", "Unwritable", "Writer", "is_nullish", "make_operators", "make_sql_tag"]
