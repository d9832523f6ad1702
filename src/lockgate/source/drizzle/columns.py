"""Columns: the builder with its chain of methods, and the column it becomes in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lockgate.source.drizzle import names
from lockgate.source.drizzle.sqltext import Sql, Text, Writer
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Arr,
    Entity,
    Native,
    Obj,
    Place,
    Unknown,
    Value,
    find_unknown,
    is_nullish,
    text_of,
)

if TYPE_CHECKING:
    from lockgate.source.drizzle.tables import Table

Options = Mapping[str, Value]
NO_ACTION = "no action"


@dataclass(frozen=True)
class Kind:
    """A column type of a dialect.

    ``type`` writes the SQL type from the options; ``traits`` are methods beyond the common ones: ``autoincrement``,
    ``now``, ``now_ms``, ``random``, ``identity``, ``key_options``; and what the type implies: ``not_null``, ``counts``.
    """

    name: str
    type: Callable[[Options], str]
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reference:
    """``.references(() => other.column, actions)``."""

    target: Value
    on_delete: str
    on_update: str
    place: Place


@dataclass(eq=False)
class Builder(Entity):
    """A column before it is in a table. As in drizzle-orm it is changed in place, also when several tables share it.

    ``is_constant``: the code keeps it under a name of its own; ``users`` are the tables and properties it is in.
    """

    dialect: Dialect
    kind: Kind
    name: str
    options: Options
    place: Place
    enum: Any = None
    base: Builder | None = None
    size: int | None = None
    is_key_name: bool = False
    is_not_null: bool = False
    is_primary: bool = False
    is_unique: bool = False
    unique_name: str = ""
    nulls: str = ""
    default: Value = UNDEFINED
    generated: tuple[Value, str] | None = None
    identity: tuple[str, Obj] | None = None
    is_counted: bool = False
    is_updated_now: bool = False
    references: list[Reference] = field(default_factory=list)
    unread: list[Unknown] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)
    is_constant: bool = False

    def __post_init__(self) -> None:
        self.is_key_name = not self.name
        self.is_not_null = "not_null" in self.kind.traits
        self.is_counted = "counts" in self.kind.traits

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the chain."""
        method = _METHODS.get(name)
        trait = _TRAIT_OF.get(name)
        is_offered = trait is None or trait in self.kind.traits or trait in self.dialect.traits
        if method is None or not is_offered:
            return Unknown(f"`.{name}()` is no method of a column of type {self.kind.name} that is known", place)

        def call(args: list[Value], at: Place) -> Value:
            return method(self, args, at) or self

        return Native(name, call)

    @property
    def sql_type(self) -> str:
        """The type as it stands in SQL."""
        if self.base is not None:
            return f"{self.base.sql_type}[{'' if self.size is None else self.size}]"
        return str(self.enum.name) if self.enum is not None else self.kind.type(self.options)

    @property
    def type_enum(self) -> Any:
        """The PostgreSQL enum of the innermost element, or None."""
        return self.base.type_enum if self.base is not None else self.enum


@dataclass(frozen=True)
class Dialect:
    """What the evaluator must know of a dialect of drizzle. ``traits`` are methods that all its columns have."""

    name: str
    kinds: Mapping[str, Kind]
    traits: frozenset[str] = frozenset()
    quote: str = '"'
    param: str = "?"
    now: str = "now()"
    generated_mode: str = "virtual"


@dataclass(eq=False)
class Column(Entity):
    """A column in a table. ``key`` is the property, ``name`` the given name or else the property."""

    table: Table
    key: str
    builder: Builder
    name: str
    is_key_name: bool
    unique_name: str

    def db_name(self, casing: str) -> str:
        """Return the name in the database."""
        return names.cased(self.name, casing) if self.is_key_name else self.name

    def encode(self, value: Value) -> Value:
        """Return what the database stores for a value of the code."""
        is_number = isinstance(value, bool) and "key_options" in self.builder.kind.traits
        return int(value) if is_number and self.builder.options.get("mode") == "boolean" else value

    def member(self, name: str, place: Place) -> Value:
        """Return what user code may read of a column."""
        match name:
            case "name":
                return self.name
            case "table":
                return self.table
            case "enumValues":
                enum = self.builder.enum
                values = enum.values if enum is not None else self.builder.options.get("enum", UNDEFINED)
                return Arr(values) if isinstance(values, (list, tuple)) else values
            case "getSQLType":
                return Native(name, lambda args, at: self.builder.sql_type)
            case "getSQL":
                return Native(name, lambda args, at: Sql([self]))
        return Unknown(f"`.{name}` of the column {self.table.name}.{self.name} is not read", place)

    def write_in(self, writer: Writer) -> str:
        """Write the column into SQL, with its table where names are long."""
        name = writer.name(writer.column_name(self))
        return name if writer.is_short else f"{self.table.write_in(writer)}.{name}"


def _flag(attribute: str) -> Callable[[Builder, list[Value], Place], None]:
    def method(builder: Builder, args: list[Value], place: Place) -> None:
        setattr(builder, attribute, True)

    return method


def _nothing(builder: Builder, args: list[Value], place: Place) -> None:
    return None


def _default(builder: Builder, args: list[Value], place: Place) -> None:
    builder.default = args[0] if args else UNDEFINED


def _default_sql(text: Callable[[Builder], str]) -> Callable[[Builder, list[Value], Place], None]:
    def method(builder: Builder, args: list[Value], place: Place) -> None:
        builder.default = Sql([Text(text(builder))])

    return method


def _primary_key(builder: Builder, args: list[Value], place: Place) -> None:
    builder.is_primary = builder.is_not_null = True
    if args and "key_options" in builder.kind.traits:
        option = args[0].get("autoIncrement", UNDEFINED) if isinstance(args[0], dict) else args[0]
        if isinstance(option, Unknown):
            builder.unread.append(option)
        builder.is_counted = builder.is_counted or option is True


def _unique(builder: Builder, args: list[Value], place: Place) -> None:
    builder.is_unique = True
    builder.unread += [arg for arg in args if isinstance(arg, Unknown)]
    builder.unique_name = args[0] if args and isinstance(args[0], str) else ""
    if len(args) > 1 and isinstance(args[1], dict):
        builder.nulls = text_of(args[1].get("nulls", ""))


def _references(builder: Builder, args: list[Value], place: Place) -> None:
    actions = args[1] if len(args) > 1 else UNDEFINED
    unknown = find_unknown(actions)
    if unknown is not None:
        builder.unread.append(unknown)
    delete, update = (action_of(actions, name) for name in ("onDelete", "onUpdate"))
    target = args[0] if args else UNDEFINED
    builder.references.append(Reference(target, delete or NO_ACTION, update or NO_ACTION, place))


def action_of(actions: Value, name: str) -> str:
    """Return ``onDelete`` or ``onUpdate`` of an object of actions; empty when there is none."""
    value = actions.get(name, UNDEFINED) if isinstance(actions, dict) else UNDEFINED
    return "" if is_nullish(value) or isinstance(value, Unknown) else text_of(value)


def _generated(builder: Builder, args: list[Value], place: Place) -> None:
    options = args[1] if len(args) > 1 and isinstance(args[1], dict) else {}
    mode = options.get("mode", UNDEFINED)
    if isinstance(mode, Unknown):
        builder.unread.append(mode)
    builder.generated = (args[0] if args else UNDEFINED, mode if isinstance(mode, str) else "")


def _identity(kind: str) -> Callable[[Builder, list[Value], Place], None]:
    def method(builder: Builder, args: list[Value], place: Place) -> None:
        options = args[0] if args and isinstance(args[0], dict) else Obj()
        unknown = find_unknown(args[0]) if args else None
        if unknown is not None:
            builder.unread.append(unknown)
        builder.identity = (kind, Obj(options))
        builder.is_not_null = True

    return method


def _array(builder: Builder, args: list[Value], place: Place) -> Builder:
    size = args[0] if args and isinstance(args[0], int) else None
    unread = [arg for arg in args if isinstance(arg, Unknown)]
    kind = replace(builder.kind, name="array", traits=frozenset())
    return Builder(builder.dialect, kind, builder.name, {}, place, base=builder, size=size, unread=unread)


_METHODS: dict[str, Callable[[Builder, list[Value], Place], Builder | None]] = {
    "notNull": _flag("is_not_null"),
    "default": _default,
    "primaryKey": _primary_key,
    "unique": _unique,
    "references": _references,
    "generatedAlwaysAs": _generated,
    "autoincrement": _flag("is_counted"),
    "onUpdateNow": _flag("is_updated_now"),
    "defaultNow": _default_sql(lambda b: _NOW_MS if "now_ms" in b.kind.traits else b.dialect.now),
    "defaultRandom": _default_sql(lambda b: "gen_random_uuid()"),
    "generatedAlwaysAsIdentity": _identity("always"),
    "generatedByDefaultAsIdentity": _identity("byDefault"),
    "array": _array,
    **dict.fromkeys(("$type", "$default", "$defaultFn", "$onUpdate", "$onUpdateFn"), _nothing),
}
_NOW_MS = "(cast((julianday('now') - 2440587.5)*86400000 as integer))"
_TRAIT_OF = {
    "autoincrement": "autoincrement",
    "onUpdateNow": "on_update",
    "defaultNow": "now",
    "defaultRandom": "random",
    "generatedAlwaysAsIdentity": "identity",
    "generatedByDefaultAsIdentity": "identity",
    "array": "array",
}
