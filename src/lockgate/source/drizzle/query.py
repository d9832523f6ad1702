"""The query builder that views are written with: what is selected from where, as drizzle-orm writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lockgate.source.drizzle.column_types import SQLITE
from lockgate.source.drizzle.columns import Column
from lockgate.source.drizzle.sqltext import Aliased, Name, Sql, Text, Writer
from lockgate.source.drizzle.tables import Table
from lockgate.source.drizzle.values import (
    UNDEFINED,
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

_JOINS = {
    "innerJoin": "inner join",
    "leftJoin": "left join",
    "rightJoin": "right join",
    "fullJoin": "full join",
    "crossJoin": "cross join",
}
_LISTS = {"groupBy": "group by", "orderBy": "order by"}
_SINGLE = {"where": "where", "having": "having", "limit": "limit", "offset": "offset"}
_ORDER = ("where", "group by", "having", "order by", "limit", "offset")


class QueryBuilder(Entity):
    """What ``.as((qb) => …)`` is given."""

    def member(self, name: str, place: Place) -> Value:
        """Return a way to begin a query."""
        if name in ("select", "selectDistinct"):
            return Native(name, lambda args, at: Query(args[0] if args else UNDEFINED, at, name == "selectDistinct"))
        return Unknown(f"`.{name}()` of the query builder is not read", place)


@dataclass(frozen=True)
class _Selected(Entity):
    """A selected column that drizzle-orm writes at once, when it does not know the ``casing`` yet."""

    column: Column
    is_bare: bool

    def write_in(self, writer: Writer) -> str:
        name = writer.name(self.column.name)
        return name if self.is_bare else f"{writer.name(self.column.table.name)}.{name}"


@dataclass(eq=False)
class Query(Entity):
    """A query in the making; each method of the chain changes it."""

    selected: Value
    place: Place
    is_distinct: bool = False
    table: Value = UNDEFINED
    joins: list[tuple[str, Value, Value]] = field(default_factory=list)
    clauses: dict[str, list[Value]] = field(default_factory=dict)
    problem: Unknown | None = None

    def member(self, name: str, place: Place) -> Value:
        """Return a method of the chain."""
        if name == "from":
            return Native(name, self._from)
        if name in _JOINS:
            return Native(name, lambda args, at: self._join(_JOINS[name], args, at))
        if name in _LISTS or name in _SINGLE:
            return Native(name, lambda args, at: self._clause(name, args, at))
        if name == "$dynamic":
            return Native(name, lambda args, at: self)
        return Unknown(f"`.{name}()` of a query is not read", place)

    def _from(self, args: list[Value], place: Place) -> Value:
        self.table = args[0] if args else UNDEFINED
        self._check_source(self.table, place)
        return self

    def _join(self, words: str, args: list[Value], place: Place) -> Value:
        table, condition = [*args, UNDEFINED, UNDEFINED][:2]
        self._check_source(table, place)
        if callable(getattr(condition, "call", None)) or isinstance(condition, Unknown):
            self.problem = condition if isinstance(condition, Unknown) else Unknown("this condition is not read", place)
        self.joins.append((words, table, condition))
        return self

    def _check_source(self, table: Value, place: Place) -> None:
        if isinstance(table, Unknown):
            self.problem = table
        elif not hasattr(table, "spread") or not isinstance(table, Entity):
            self.problem = Unknown("what is selected from here is no table or view that is known", place)

    def _clause(self, name: str, args: list[Value], place: Place) -> Value:
        unknown = next((found for found in map(find_unknown, args) if found), None)
        if unknown is not None:
            self.problem = unknown
        given = args[0] if len(args) == 1 and isinstance(args[0], list) else args
        if any(not isinstance(item, (Entity, int)) for item in given if not is_nullish(item)):
            self.problem = Unknown(f"`.{name}()` is not read with this", place)
        self.clauses[_LISTS.get(name) or _SINGLE[name]] = [item for item in given if not is_nullish(item)]
        return self

    def fields(self) -> dict[str, Value]:
        """Return what is selected, by property; of tables and nested objects, their own properties."""
        if self.selected is not UNDEFINED:
            return dict(_flat(self.selected, self.place))
        sources = [self.table, *(table for _, table, _ in self.joins)]
        return dict(pair for source in sources for pair in _flat(source, self.place, is_many=len(sources) > 1))

    def to_sql(self) -> Sql | Unknown:
        """Return the whole query, or why it is not known."""
        fields = {} if self.problem is not None else self.fields()
        unknown = self.problem or next((v for v in fields.values() if isinstance(v, Unknown)), None)
        if unknown is not None:
            return unknown
        if self.table is UNDEFINED or not fields:
            return Unknown("nothing is selected here", self.place)
        chunks: list[Any] = [Text("select distinct " if self.is_distinct else "select ")]
        for index, value in enumerate(fields.values()):
            chunks += [Text(", ")] * bool(index) + [self._selected(value)]
        chunks += [Text(" from "), self.table]
        for words, table, condition in self.joins:
            chunks += [Text(f" {words} "), table]
            chunks += [] if is_nullish(condition) else [Text(" on "), condition]
        for words in _ORDER:
            for index, item in enumerate(self.clauses.get(words, [])):
                chunks += [Text(", " if index else f" {words} "), item]
        return Sql(chunks)

    def _selected(self, value: Value) -> Value:
        is_single = not self.joins
        if isinstance(value, Column):
            is_at_once = is_single or value.builder.dialect is SQLITE
            return _Selected(value, is_single) if is_at_once else value
        if isinstance(value, Aliased) and value.is_selected:
            return value
        inner = value.sql if isinstance(value, Aliased) else value
        chunks = [_Selected(c, True) if is_single and isinstance(c, Column) else c for c in inner.chunks]
        return Sql([*chunks, Text(" as "), Name(value.alias)] if isinstance(value, Aliased) else chunks)


def _flat(value: Value, place: Place, *, is_many: bool = False, path: str = "") -> list[tuple[str, Value]]:
    """Return the fields of a selection; ``is_many`` sets the tables' columns of the same name apart."""
    if isinstance(value, (Column, Sql, Aliased, Unknown)):
        return [(path, value)]
    if isinstance(value, Obj) and value.holes:
        return [(path, value.holes[0])]
    if isinstance(value, Obj):
        items: dict[str, Value] = value
    elif isinstance(value, Entity) and hasattr(value, "spread"):
        items = value.spread()
        path = f"{path}{text_of(getattr(value, 'name', ''))}" if is_many else path
        if not items:
            return [(path, Unknown("the columns of what is selected from are not known", place))]
    else:
        return [(path, Unknown("a field of this selection is not read", place))]
    return [pair for key, item in items.items() for pair in _flat(item, place, path=f"{path}.{key}" if path else key)]


def view_columns(query: Query, table: Table) -> dict[str, Value]:
    """Return the columns of a view on a query, by property: a query on the view names them by the view."""
    made: dict[str, Value] = {}
    for key, value in query.fields().items():
        if isinstance(value, Column):
            builder = value.builder
            made[key] = table.columns[key] = Column(table, key, builder, value.name, value.is_key_name, "")
        elif isinstance(value, Aliased):
            made[key] = Aliased(value.sql, value.alias, is_selected=True)
    return made
