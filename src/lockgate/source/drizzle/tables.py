"""Tables and what stands beside their columns: indexes, keys, checks, policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lockgate.source.drizzle import names
from lockgate.source.drizzle.columns import NO_ACTION, Builder, Column, Dialect, Reference, action_of
from lockgate.source.drizzle.sqltext import Sql, Writer
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Entity,
    Native,
    Obj,
    Opaque,
    Place,
    Unknown,
    Value,
    is_nullish,
    text_of,
)


@dataclass(eq=False)
class Table(Entity):
    """A table; ``problems`` are what could not be read in it."""

    dialect: Dialect
    name: str
    schema: str
    place: Place
    columns: dict[str, Column] = field(default_factory=dict)
    references: list[tuple[Column, Reference]] = field(default_factory=list)
    extras: Value = UNDEFINED
    has_row_security: bool = False
    problems: list[Problem] = field(default_factory=list)

    def member(self, name: str, place: Place) -> Value:
        """Return a column, or one of the few methods a schema calls."""
        if name in self.columns:
            return self.columns[name]
        match name:
            case "enableRLS":
                return Native(name, self._enable_row_security)
            case "_" | "$inferSelect" | "$inferInsert":
                return Opaque("a type")
            case "getSQL":
                return Native(name, lambda args, at: Sql([self]))
        return Unknown(f"the table {self.name} has no column `{name}`", place)

    def _enable_row_security(self, args: list[Value], place: Place) -> Value:
        self.has_row_security = True
        return self

    def spread(self) -> dict[str, Value]:
        """Return the columns by property."""
        return dict(self.columns)

    def write_in(self, writer: Writer) -> str:
        """Write the name into SQL."""
        name = writer.name(self.name)
        return f"{writer.name(self.schema)}.{name}" if self.schema else name

    @property
    def shown(self) -> str:
        """The name for people."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class Problem:
    """Something that could not be read: what it is for, why, and where."""

    what: str
    why: str
    place: Place


def problem_of(what: str, unknown: Unknown, place: Place) -> Problem:
    """Return a problem at its place, with the place of the cause when that is another."""
    cause = "" if unknown.place == place else f" ({unknown.place.file}:{unknown.place.line})"
    return Problem(what, unknown.why + cause, place)


@dataclass(eq=False)
class IndexBuilder(Entity):
    """``index("name").on(…)`` with its options; ``columns`` is None until ``.on``."""

    name: Value
    is_unique: bool
    place: Place
    columns: list[Any] | None = None
    method: Value = "btree"
    where: Value = UNDEFINED
    options: Value = UNDEFINED
    is_concurrent: bool = False

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the chain."""
        match name:
            case "on" | "onOnly":
                return Native(name, self._on)
            case "using":
                return Native(name, self._using)
            case "where":
                return Native(name, lambda args, at: self._set("where", args[0] if args else UNDEFINED))
            case "with":
                return Native(name, lambda args, at: self._set("options", args[0] if args else UNDEFINED))
            case "concurrently":
                return Native(name, lambda args, at: self._set("is_concurrent", True))
            case "algorithm" | "lock":
                return Native(name, lambda args, at: self)
        return Unknown(f"`.{name}()` of an index is not known", place)

    def _set(self, attribute: str, value: Value) -> IndexBuilder:
        setattr(self, attribute, value)
        return self

    def _on(self, args: list[Value], place: Place) -> Value:
        self.columns = [_take_index_column(arg) for arg in args]
        return self

    def _using(self, args: list[Value], place: Place) -> Value:
        self.method = args[0] if args else UNDEFINED
        if len(args) > 1:
            self._on(args[1:], place)
        return self


@dataclass(eq=False)
class IndexColumn(Entity):
    """A column as the extras of a PostgreSQL table see it, with the order it has in an index."""

    column: Column
    order: str = "asc"
    nulls: str = "last"
    operator_class: str = ""

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the index column, else of the column."""
        change = _ORDER.get(name)
        if change is not None:
            return Native(name, lambda args, at: self._set(*change))
        if name == "op":
            return Native(name, lambda args, at: self._set("operator_class", text_of(args[0])))
        return self.column.member(name, place)

    def encode(self, value: Value) -> Value:
        """Return what the database stores for a value of the code."""
        return self.column.encode(value)

    def _set(self, attribute: str, value: str) -> IndexColumn:
        setattr(self, attribute, value)
        return self

    def write_in(self, writer: Writer) -> str:
        """Write the column into SQL."""
        return self.column.write_in(writer)


_ORDER = {
    "asc": ("order", "asc"),
    "desc": ("order", "desc"),
    "nullsFirst": ("nulls", "first"),
    "nullsLast": ("nulls", "last"),
}


def _take_index_column(value: Value) -> Value:
    """Return a copy and set the shared one back, as drizzle-orm does, for the next index on it."""
    if not isinstance(value, IndexColumn):
        return value
    taken = IndexColumn(value.column, value.order, value.nulls, value.operator_class)
    value.order, value.nulls, value.operator_class = "asc", "last", ""
    return taken


@dataclass(eq=False)
class UniqueBuilder(Entity):
    """``unique("name").on(…)``; ``columns`` is None until ``.on``."""

    name: Value
    place: Place
    columns: list[Value] | None = None
    is_nulls_not_distinct: bool = False

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the chain."""
        match name:
            case "on":
                return Native(name, self._on)
            case "nullsNotDistinct":
                return Native(name, self._not_distinct)
        return Unknown(f"`.{name}()` of a unique constraint is not known", place)

    def _on(self, args: list[Value], place: Place) -> Value:
        self.columns = args
        return self

    def _not_distinct(self, args: list[Value], place: Place) -> Value:
        self.is_nulls_not_distinct = True
        return self


@dataclass(eq=False)
class PrimaryKeyBuilder(Entity):
    """``primaryKey({ columns: […], name })``."""

    name: Value
    columns: Value
    place: Place


@dataclass(eq=False)
class ForeignKeyBuilder(Entity):
    """``foreignKey({ columns, foreignColumns, name }).onDelete(…)``."""

    config: Value
    place: Place
    on_delete: str = NO_ACTION
    on_update: str = NO_ACTION
    problems: list[Unknown] = field(default_factory=list)

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the chain."""
        if name in ("onDelete", "onUpdate"):
            return Native(name, lambda args, at: self._set(name, args))
        return Unknown(f"`.{name}()` of a foreign key is not known", place)

    def _set(self, name: str, args: list[Value]) -> ForeignKeyBuilder:
        value = args[0] if args else UNDEFINED
        if isinstance(value, Unknown):
            self.problems.append(value)
        action = NO_ACTION if is_nullish(value) else text_of(value)
        setattr(self, "on_delete" if name == "onDelete" else "on_update", action)
        return self


@dataclass(eq=False)
class CheckBuilder(Entity):
    """``check("name", sql`…`)``."""

    name: Value
    value: Value
    place: Place


def column_of(value: Value) -> Column | None:
    """Return the column a value is, also as an index column."""
    if isinstance(value, IndexColumn):
        return value.column
    return value if isinstance(value, Column) else None


def make_table(dialect: Dialect, name: str, schema: str, columns: Value, extras: Value, place: Place) -> Table:
    """Make a table of a name and an object of column builders; what cannot be read becomes a problem of it."""
    table = Table(dialect, name, schema, place, extras=extras)
    what = f"a column of the table {table.shown}"
    if isinstance(columns, Unknown):
        table.problems.append(problem_of(f"the columns of the table {table.shown}", columns, place))
        return table
    if not isinstance(columns, Obj):
        problem = Problem(f"the columns of the table {table.shown}", "they are no object of columns", place)
        table.problems.append(problem)
        return table
    table.problems += [problem_of(what, hole, place) for hole in columns.holes]
    for key, value in columns.items():
        what = f"the column `{key}` of the table {table.shown}"
        if isinstance(value, Builder):
            _add_column(table, key, value, what)
        elif isinstance(value, Unknown):
            table.problems.append(problem_of(what, value, value.place))
        else:
            table.problems.append(Problem(what, "it is no column that is known", place))
    return table


def _add_column(table: Table, key: str, builder: Builder, what: str) -> None:
    builder.name = builder.name or key
    builder.unique_name = builder.unique_name or names.unique_name(table.name, [builder.name])
    column = Column(table, key, builder, builder.name, builder.is_key_name, builder.unique_name)
    table.columns[key] = column
    table.references += [(column, reference) for reference in builder.references]
    builder.users.append((table.shown, key))
    inner: Builder | None = builder
    while inner is not None:
        table.problems += [problem_of(what, unknown, inner.place) for unknown in inner.unread]
        inner = inner.base


def foreign_key_action(config: Value, name: str) -> str:
    """Return an action of the object form of a reference."""
    return action_of(config, name) or NO_ACTION
