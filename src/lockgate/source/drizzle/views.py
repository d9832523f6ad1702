"""Views: ``.as(sql`…`)``, ``.as((qb) => …)``, ``.existing()``, and the options before them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lockgate.source.drizzle.columns import Dialect
from lockgate.source.drizzle.query import Query, QueryBuilder, view_columns
from lockgate.source.drizzle.sqltext import Sql, Writer
from lockgate.source.drizzle.tables import Problem, Table, make_table, problem_of
from lockgate.source.drizzle.values import UNDEFINED, Closure, Entity, Native, Obj, Place, Unknown, Value


@dataclass(eq=False)
class View(Entity):
    """A view; ``query`` is None for one that exists already. ``options`` are what the chain set, by method."""

    dialect: Dialect
    name: str
    schema: str
    place: Place
    is_materialized: bool = False
    columns: Value = UNDEFINED
    query: Sql | None = None
    is_done: bool = False
    options: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    table: Table | None = None
    call: Callable[[Value, list[Value], Place], Value] | None = None
    fields: dict[str, Value] = field(default_factory=dict)

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the chain, or a column of the finished view."""
        if self.is_done:
            return self._column(name, place)
        match name:
            case "as":
                return Native(name, self._as)
            case "existing":
                return Native(name, lambda args, at: self._finish(None))
            case "with" | "using" | "tablespace" | "withNoData" | "algorithm" | "sqlSecurity" | "withCheckOption":
                return Native(name, lambda args, at: self._set(name, args))
        return Unknown(f"`.{name}()` of a view is not known", place)

    def _set(self, name: str, args: list[Value]) -> View:
        self.options[name] = args[0] if args else UNDEFINED
        return self

    def _as(self, args: list[Value], place: Place) -> Value:
        query = args[0] if args else UNDEFINED
        if isinstance(query, Closure) and self.call is not None:
            query = self.call(query, [QueryBuilder()], place)
        if isinstance(query, Query):
            self.table = Table(self.dialect, self.name, self.schema, self.place)
            self.fields = view_columns(query, self.table)
            query = query.to_sql()
        if isinstance(query, Sql):
            query.is_inline = True
            return self._finish(query)
        why = query.why if isinstance(query, Unknown) else "it is neither sql`…` nor a query that is known"
        unknown = Unknown(why, query.place if isinstance(query, Unknown) else place)
        self.problems.append(problem_of(f"the query of the view {self.name}", unknown, self.place))
        return self._finish(None)

    def _finish(self, query: Sql | None) -> View:
        self.query, self.is_done = query, True
        if isinstance(self.columns, Obj):
            self.table = make_table(self.dialect, self.name, self.schema, self.columns, UNDEFINED, self.place)
        return self

    def _column(self, name: str, place: Place) -> Value:
        if name in self.fields:
            return self.fields[name]
        if self.table is not None:
            return self.table.member(name, place)
        return Unknown(f"the columns of the view {self.name} are not known", place)

    def spread(self) -> dict[str, Value]:
        """Return the columns by property."""
        return self.fields or (self.table.spread() if self.table is not None else {})

    def write_in(self, writer: Writer) -> str:
        """Write the name into SQL."""
        name = writer.name(self.name)
        return f"{writer.name(self.schema)}.{name}" if self.schema else name
