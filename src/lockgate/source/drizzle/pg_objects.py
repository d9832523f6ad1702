"""What only PostgreSQL's part of drizzle has: enums, schemas, sequences, roles, policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lockgate.source.drizzle.columns import Builder, Dialect, Kind
from lockgate.source.drizzle.sqltext import Writer
from lockgate.source.drizzle.values import (
    Arr,
    Entity,
    Native,
    Place,
    Unknown,
    Value,
    text_of,
)

_ENUM = Kind("enum", lambda options: "text")


@dataclass(eq=False)
class Enum(Entity):
    """``pgEnum``: a type, and the function that makes columns of it. ``is_object``: its values came from an object."""

    dialect: Dialect
    name: str
    schema: str
    values: tuple[str, ...]
    place: Place
    is_object: bool = False

    def call(self, args: list[Value], place: Place) -> Value:
        """Make a column."""
        name = args[0] if args and isinstance(args[0], str) else ""
        builder = Builder(self.dialect, _ENUM, name, {}, place, enum=self)
        builder.unread += [arg for arg in args[:1] if isinstance(arg, Unknown)]
        return builder

    def member(self, name: str, place: Place) -> Value:
        """Return what user code may read of an enum."""
        match name:
            case "enumValues":
                return Arr(self.values)
            case "enumName":
                return self.name
            case "schema":
                return self.schema
        return Unknown(f"`.{name}` of the enum {self.name} is not known", place)

    def write_in(self, writer: Writer) -> str:
        """Write the name into SQL."""
        name = writer.name(self.name)
        return f"{writer.name(self.schema)}.{name}" if self.schema else name


@dataclass(eq=False)
class SchemaObject(Entity):
    """``pgSchema("billing")`` or ``mysqlSchema``; ``makers`` are its functions by name."""

    name: str
    place: Place
    makers: dict[str, Any]

    def member(self, name: str, place: Place) -> Value:
        """Return a function that makes something in this schema."""
        if name == "schemaName":
            return self.name
        return self.makers.get(name) or Unknown(f"`.{name}` of the schema {self.name} is not known", place)

    def write_in(self, writer: Writer) -> str:
        """Write the name into SQL."""
        return writer.name(self.name)


@dataclass(eq=False)
class Sequence(Entity):
    """``pgSequence``."""

    name: str
    schema: str
    options: Value
    place: Place


@dataclass(eq=False)
class Role(Entity):
    """``pgRole``; an existing one is not created."""

    name: str
    options: Value
    place: Place
    is_existing: bool = False

    def member(self, name: str, place: Place) -> Value:
        """Return a method or property."""
        if name == "existing":
            return Native(name, self._existing)
        return self.name if name == "name" else Unknown(f"`.{name}` of a role is not known", place)

    def _existing(self, args: list[Value], place: Place) -> Value:
        self.is_existing = True
        return self


@dataclass(eq=False)
class Policy(Entity):
    """``pgPolicy``; ``table`` is set by ``.link``."""

    name: Value
    config: Value
    place: Place
    table: Value = None

    def member(self, name: str, place: Place) -> Value:
        """Return a method."""
        if name == "link":
            return Native(name, self._link)
        return Unknown(f"`.{name}` of a policy is not known", place)

    def _link(self, args: list[Value], place: Place) -> Value:
        self.table = args[0] if args else None
        return self


def enum_values(value: Value) -> tuple[tuple[str, ...], bool] | Unknown | None:
    """Return an enum's values and whether they came from an object; Unknown, or None when they are of no known form."""
    is_object = isinstance(value, dict)
    items = list(value.values()) if isinstance(value, dict) else value
    if isinstance(items, Unknown):
        return items
    if not isinstance(items, (list, tuple)):
        return None
    holes = getattr(value, "holes", None)
    unknown = holes[0] if holes else next((item for item in items if isinstance(item, Unknown)), None)
    return unknown or (tuple(text_of(item) for item in items), is_object)
