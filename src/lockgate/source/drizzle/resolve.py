"""Resolve a table to what drizzle-kit makes of it: names of constraints, columns of keys, SQL of expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lockgate.source.drizzle import names
from lockgate.source.drizzle.columns import Column, Dialect, Reference
from lockgate.source.drizzle.modules import World
from lockgate.source.drizzle.pg_objects import Policy
from lockgate.source.drizzle.sqltext import Sql, Unwritable, Writer
from lockgate.source.drizzle.tables import (
    CheckBuilder,
    ForeignKeyBuilder,
    IndexBuilder,
    IndexColumn,
    PrimaryKeyBuilder,
    Problem,
    Table,
    UniqueBuilder,
    column_of,
    problem_of,
)
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Closure,
    Obj,
    Opaque,
    Place,
    Undecided,
    Unknown,
    Value,
    find_unknown,
    is_nullish,
    text_of,
)


@dataclass(frozen=True)
class Statement:
    """One statement and where in the user's files it comes from."""

    text: str
    place: Place


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key with all names resolved."""

    name: str
    columns: tuple[str, ...]
    table: Table
    foreign_columns: tuple[str, ...]
    on_delete: str
    on_update: str
    place: Place


@dataclass(frozen=True)
class KeyOf:
    """A primary key or unique constraint; ``is_generated``: its name was not given."""

    name: str
    columns: tuple[str, ...]
    place: Place
    is_nulls_not_distinct: bool = False


@dataclass(frozen=True)
class IndexOf:
    """An index: the text of each column or expression, and whether it is one."""

    name: str
    columns: tuple[IndexPart, ...]
    builder: IndexBuilder

    @property
    def place(self) -> Place:
        """Where it is declared."""
        return self.builder.place


@dataclass(frozen=True)
class IndexPart:
    """One column of an index by its name, or an expression."""

    text: str
    is_expression: bool
    column: IndexColumn | None = None


@dataclass(frozen=True)
class CheckOf:
    """A check constraint."""

    name: str
    expression: str
    place: Place


@dataclass
class Resolved:
    """A table with everything beside its columns."""

    table: Table
    primary_keys: dict[str, KeyOf] = field(default_factory=dict)
    uniques: list[KeyOf] = field(default_factory=list)
    foreign_keys: dict[str, ForeignKey] = field(default_factory=dict)
    indexes: list[IndexOf] = field(default_factory=list)
    checks: list[CheckOf] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)


class Resolver:
    """Resolves tables of one dialect under one casing.

    ``problems`` collect what could not be read, ``ignored`` the tables with something that drizzle itself passes over.
    """

    def __init__(self, world: World, dialect: Dialect, casing: str) -> None:
        self.world, self.dialect, self.casing = world, dialect, casing
        self.problems: list[Problem] = []
        self.ignored: list[Table] = []

    # SQL texts

    def default_text(self, sql: Sql, what: str, place: Place) -> str:
        """Write the SQL of a column's default, where drizzle-kit allows text only."""
        return self._write(Writer(self.dialect.quote, None, self.column_name), sql, what, place)

    def expression(self, value: Value, what: str, place: Place, *, is_short: bool = False) -> str:
        """Write an expression; ``is_short``: columns without their table."""
        if isinstance(value, Closure):
            value = self._call(value, [], place)
        if isinstance(value, str):
            return value
        if not isinstance(value, Sql):
            unknown = value if isinstance(value, Unknown) else Unknown("it is no sql`…` that is known", place)
            self.problems.append(problem_of(what, unknown, place))
            return ""
        param = self.dialect.param
        writer = Writer(self.dialect.quote, lambda n: param.format(n), self.column_name, is_short)
        return self._write(writer, value, what, place)

    def _write(self, writer: Writer, sql: Sql, what: str, place: Place) -> str:
        try:
            return writer.write(sql)
        except Unwritable as error:
            self.problems.append(problem_of(what, Unknown(error.why, error.place or place), place))
            return ""
        except RecursionError:
            self.problems.append(Problem(what, "it nests too deep to be read", place))
            return ""

    def column_name(self, column: Any) -> str:
        """Return a column's name in the database."""
        return str(column.db_name(self.casing))

    def _call(self, function: Value, args: list[Value], place: Place) -> Value:
        """Call a function of the schema; what depends on something unknown is unknown."""
        try:
            return self.world.call_value(function, args, place)
        except Undecided as error:
            return error.unknown
        except RecursionError:
            return Unknown("this nests too deep to be read", place)

    def problem(self, what: str, value: Value, place: Place, why: str = "it is of no form that is read") -> None:
        """Register something that cannot be read."""
        self.problems.append(problem_of(what, value if isinstance(value, Unknown) else Unknown(why, place), place))

    # tables

    def resolve(self, table: Table) -> Resolved:
        """Resolve one table."""
        self.problems += table.problems
        resolved = Resolved(table)
        for column in table.columns.values():
            if column.builder.is_unique:
                name = (column.db_name(self.casing),)
                distinct = column.builder.nulls == "not distinct"
                resolved.uniques.append(KeyOf(column.unique_name, name, column.builder.place, distinct))
        for column, reference in table.references:
            self._inline_reference(resolved, column, reference)
        for extra in self._extras(table):
            self._add_extra(resolved, extra)
        return resolved

    def _extras(self, table: Table) -> list[Value]:
        if is_nullish(table.extras):
            return []
        what = f"the indexes and constraints of the table {table.shown}"
        columns = Obj({k: IndexColumn(c) if "array" in self.dialect.traits else c for k, c in table.columns.items()})
        extras = self._call(table.extras, [columns], table.place)
        unknown = extras if isinstance(extras, Unknown) else next(iter(getattr(extras, "holes", [])), None)
        if unknown is not None or not isinstance(extras, (dict, list)):
            self.problem(what, unknown, table.place, "they are no object or array")
            return []
        if isinstance(extras, dict):
            return list(extras.values())
        return [inner for item in extras for inner in (item if isinstance(item, list) else [item])]

    def _add_extra(self, resolved: Resolved, extra: Value) -> None:
        table = resolved.table
        match extra:
            case IndexBuilder() if extra.columns is not None:
                self._index(resolved, extra)
            case UniqueBuilder() if extra.columns is not None:
                self._unique(resolved, extra)
            case PrimaryKeyBuilder():
                self._primary_key(resolved, extra)
            case ForeignKeyBuilder():
                self._foreign_key(resolved, extra)
            case CheckBuilder():
                what = f"a check of the table {table.shown}"
                name = self._given_name(extra.name, what, extra.place)
                expression = self.expression(extra.value, what, extra.place)
                resolved.checks.append(CheckOf(name, expression, extra.place))
            case Policy():
                resolved.policies.append(extra)
            case Opaque():
                pass
            case Sql():
                self.ignored.append(table)
            case _ if not is_nullish(extra) and extra is not False:
                place = getattr(extra, "place", table.place)
                what = f"an index or constraint of the table {table.shown}"
                self.problem(what, extra, place, "it is no finished index or constraint that is known")

    def _given_name(self, name: Value, what: str, place: Place) -> str:
        if isinstance(name, str):
            return name
        self.problem(what, name, place, "its name is no text that is known")
        return ""

    def _optional_name(self, name: Value, what: str, place: Place) -> str:
        return "" if is_nullish(name) else self._given_name(name, what, place)

    def columns_of(self, values: Value, what: str, place: Place) -> list[Column]:
        """Return the columns of a list of them."""
        if not isinstance(values, list) or getattr(values, "holes", None):
            self.problem(what, find_unknown(values), place, "its columns are no list that is known")
            return []
        found = []
        for value in values:
            column = column_of(value)
            if column is None:
                why = "a column of it does not exist" if value is UNDEFINED else "a column of it is not known"
                self.problem(what, value, place, why)
            else:
                found.append(column)
        return found

    def _unique(self, resolved: Resolved, extra: UniqueBuilder) -> None:
        table = resolved.table
        what = f"a unique constraint of the table {table.shown}"
        columns = self.columns_of(extra.columns, what, extra.place)
        given = self._optional_name(extra.name, what, extra.place)
        name = given or names.unique_name(table.name, [c.name for c in columns])
        cased = tuple(self.column_name(c) for c in columns)
        resolved.uniques.append(KeyOf(name, cased, extra.place, extra.is_nulls_not_distinct))

    def _primary_key(self, resolved: Resolved, extra: PrimaryKeyBuilder) -> None:
        table = resolved.table
        what = f"the primary key of the table {table.shown}"
        columns = self.columns_of(extra.columns, what, extra.place)
        before, cased = [c.name for c in columns], tuple(self.column_name(c) for c in columns)
        given = self._optional_name(extra.name, what, extra.place)
        name = names.recase(given or names.primary_key_name(table.name, before), before, cased)
        resolved.primary_keys[name] = KeyOf(name, cased, extra.place)

    def _inline_reference(self, resolved: Resolved, column: Column, reference: Reference) -> None:
        what = f"the reference of the column `{column.key}` of the table {resolved.table.shown}"
        target = self._call(reference.target, [], reference.place)
        foreign = column_of(target)
        if foreign is None:
            why = "the column it points to does not exist" if target is UNDEFINED else "what it points to is no column"
            self.problem(what, target, reference.place, why)
            return
        self._add_key(resolved, "", [column], [foreign], reference.on_delete, reference.on_update, reference.place)

    def _foreign_key(self, resolved: Resolved, extra: ForeignKeyBuilder) -> None:
        what = f"a foreign key of the table {resolved.table.shown}"
        config = extra.config
        unread = config if isinstance(config, Unknown) else next(iter(extra.problems), None)
        if unread is not None or not isinstance(config, dict):
            self.problem(what, unread, extra.place)
            return
        columns = self.columns_of(config.get("columns", UNDEFINED), what, extra.place)
        foreign = self.columns_of(config.get("foreignColumns", UNDEFINED), what, extra.place)
        name = self._optional_name(config.get("name", UNDEFINED), what, extra.place)
        if columns and foreign:
            self._add_key(resolved, name, columns, foreign, extra.on_delete, extra.on_update, extra.place)

    def _add_key(
        self,
        resolved: Resolved,
        name: str,
        columns: list[Column],
        foreign: list[Column],
        on_delete: str,
        on_update: str,
        place: Place,
    ) -> None:
        target = foreign[0].table
        before, foreign_before = [c.name for c in columns], [c.name for c in foreign]
        after, foreign_after = ([self.column_name(c) for c in group] for group in (columns, foreign))
        name = name or names.foreign_key_name(resolved.table.name, before, target.name, foreign_before)
        name = names.recase(names.recase(name, before, after), foreign_before, foreign_after)
        key = ForeignKey(name, tuple(after), target, tuple(foreign_after), on_delete, on_update, place)
        resolved.foreign_keys[name] = key

    def _index(self, resolved: Resolved, extra: IndexBuilder) -> None:
        table = resolved.table
        what = f"an index of the table {table.shown}"
        parts = []
        for value in extra.columns or []:
            column = column_of(value)
            if column is not None:
                shown = value if isinstance(value, IndexColumn) else IndexColumn(column)
                parts.append(IndexPart(self.column_name(column), False, shown))
            elif isinstance(value, Sql):
                parts.append(IndexPart(self.expression(value, what, extra.place, is_short=True), True))
            else:
                why = "a column of it does not exist" if value is UNDEFINED else "a column of it is not known"
                self.problem(what, value, extra.place, why)
        name = self._optional_name(extra.name, what, extra.place)
        if not name and any(part.is_expression for part in parts):
            self.problem(what, None, extra.place, "drizzle-kit needs a name for an index on an expression")
        name = name or names.index_name(table.name, [part.text for part in parts])
        resolved.indexes.append(IndexOf(name, tuple(parts), extra))


def cut(text: str, mark: str = ";") -> str:
    """Return what drizzle-kit 0.31 keeps of a text that it packs between marks: all before the first mark."""
    return text.partition(mark)[0]


def plain_text(value: Value) -> str:
    """Return a default that is written as JavaScript turns it into text."""
    return text_of(value)
