"""What the packages of drizzle-orm export, as far as a schema uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lockgate.source.drizzle.column_types import MYSQL, POSTGRES, SQLITE
from lockgate.source.drizzle.columns import Builder, Column, Dialect, Kind
from lockgate.source.drizzle.modules import World
from lockgate.source.drizzle.pg_objects import Enum, Policy, Role, SchemaObject, Sequence, enum_values
from lockgate.source.drizzle.platforms import neon, supabase
from lockgate.source.drizzle.query import QueryBuilder
from lockgate.source.drizzle.sqltext import make_operators, make_sql_tag
from lockgate.source.drizzle.tables import (
    CheckBuilder,
    ForeignKeyBuilder,
    IndexBuilder,
    PrimaryKeyBuilder,
    Problem,
    Table,
    UniqueBuilder,
    make_table,
    problem_of,
)
from lockgate.source.drizzle.validation import validation_packages
from lockgate.source.drizzle.values import (
    UNDEFINED,
    Arr,
    Native,
    Obj,
    Opaque,
    Place,
    Unknown,
    Value,
    is_nullish,
    text_of,
)
from lockgate.source.drizzle.views import View

_SIZES = ("length", "precision", "scale", "fsp", "unsigned", "withTimezone", "dimensions", "fields")
_PREFIXES = {"mysql": MYSQL, "pg": POSTGRES, "sqlite": SQLITE}


@dataclass
class Made:
    """Everything that the code made, whether it exports it or not; ``problems`` belong to nothing that has a name."""

    tables: list[Table] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _first(args: list[Value]) -> Value:
    return args[0] if args else UNDEFINED


def _second(args: list[Value]) -> Value:
    return args[1] if len(args) > 1 else UNDEFINED


class Orm:
    """Makes the exports of drizzle-orm for one reading."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made = Made()

    def install(self) -> None:
        """Give the world the packages of drizzle-orm."""
        operators = make_operators()
        common: dict[str, Value] = {
            **operators,
            "sql": make_sql_tag(),
            "relations": Native("relations", lambda args, place: Opaque("relations")),
            "defineRelations": Native("defineRelations", lambda args, place: Opaque("relations")),
            "defineRelationsPart": Native("defineRelationsPart", lambda args, place: Opaque("relations")),
            "getTableColumns": Native("getTableColumns", _table_columns),
            "getColumns": Native("getColumns", _table_columns),
            "getTableName": Native("getTableName", _table_name),
        }
        self.world.packages["drizzle-orm"] = common
        self.world.packages["drizzle-orm/relations"] = {"relations": common["relations"]}
        for prefix, dialect in _PREFIXES.items():
            self.world.packages[f"drizzle-orm/{prefix}-core"] = self._core(prefix, dialect)
        self.world.packages["drizzle-orm/supabase"] = supabase()
        self.world.packages["drizzle-orm/neon"] = neon()
        self.world.packages |= validation_packages()
        define = Native("defineConfig", lambda args, place: _first(args))
        self.world.packages["drizzle-kit"] = {"defineConfig": define}

    # packages

    def _core(self, prefix: str, dialect: Dialect) -> dict[str, Value]:
        made: dict[str, Value] = {name: self._column(dialect, kind) for name, kind in dialect.kinds.items()}
        new_builder = Native("QueryBuilder", lambda args, place: QueryBuilder())
        made |= {
            f"{prefix}Table": Native(f"{prefix}Table", self._table_maker(dialect, "")),
            f"{prefix}TableCreator": Native(f"{prefix}TableCreator", self._table_creator(dialect)),
            f"{prefix}View": Native(f"{prefix}View", self._view_maker(dialect, "", False)),
            "customType": Native("customType", self._custom_type(dialect)),
            "QueryBuilder": Native("QueryBuilder", lambda args, place: QueryBuilder(), {"new": new_builder}),
            "index": Native("index", lambda args, place: IndexBuilder(_first(args), False, place)),
            "uniqueIndex": Native("uniqueIndex", lambda args, place: IndexBuilder(_first(args), True, place)),
            "unique": Native("unique", lambda args, place: UniqueBuilder(_first(args), place)),
            "check": Native("check", lambda args, place: CheckBuilder(_first(args), _second(args), place)),
            "primaryKey": Native("primaryKey", _primary_key),
            "foreignKey": Native("foreignKey", self._foreign_key),
            "alias": Native("alias", lambda args, place: Unknown("an alias of a table is not read", place)),
        }
        if dialect is MYSQL:
            schema = Native("mysqlSchema", self._mysql_schema)
            made |= {"mysqlEnum": Native("mysqlEnum", self._mysql_enum), "mysqlSchema": schema, "mysqlDatabase": schema}
        if dialect is SQLITE:
            made["view"] = made["sqliteView"]
        if dialect is POSTGRES:
            made |= self._postgres()
        return made

    def _postgres(self) -> dict[str, Value]:
        return {
            "pgMaterializedView": Native("pgMaterializedView", self._view_maker(POSTGRES, "", True)),
            "pgEnum": Native("pgEnum", self._enum_maker("")),
            "pgSchema": Native("pgSchema", self._pg_schema),
            "pgSequence": Native("pgSequence", self._sequence_maker("")),
            "pgRole": Native("pgRole", self._named(lambda n, a, p: Role(n, _second(a), p))),
            "pgPolicy": Native("pgPolicy", lambda args, place: Policy(_first(args), _second(args), place)),
        }

    # columns

    def _column(self, dialect: Dialect, kind: Kind) -> Native:
        def call(args: list[Value], place: Place) -> Value:
            name, options = _name_and_options(args)
            if isinstance(name, Unknown):
                return name
            unread = [options] if isinstance(options, Unknown) else []
            known = options if isinstance(options, dict) else {}
            used = kind
            if "key_options" in kind.traits and text_of(known.get("mode", "")) in ("timestamp", "timestamp_ms"):
                used = replace(kind, traits=kind.traits | {"now", "now_ms"})
            builder = Builder(dialect, used, name, known, place)
            builder.unread += unread + [v for size in _SIZES if isinstance(v := known.get(size), Unknown)]
            builder.unread += getattr(known, "holes", [])
            return builder

        return Native(kind.name, call)

    def _mysql_enum(self, args: list[Value], place: Place) -> Value:
        is_named = bool(args) and isinstance(args[0], (str, Unknown))
        name: Value = args[0] if is_named else ""
        if isinstance(name, Unknown):
            return name
        values = enum_values(_second(args) if is_named else _first(args))
        builder = Builder(MYSQL, MYSQL.kinds["mysqlEnum"], name, {}, place)
        if isinstance(values, Unknown):
            builder.unread.append(values)
        elif values is None or not values[0]:
            builder.unread.append(Unknown("an enum needs values", place))
        else:
            builder.options = {"enum": Arr(values[0])}
        return builder

    def _custom_type(self, dialect: Dialect) -> Callable[[list[Value], Place], Value]:
        def make(params: list[Value], place: Place) -> Value:
            data_type = _first(params).get("dataType", UNDEFINED) if isinstance(_first(params), dict) else UNDEFINED

            def call(args: list[Value], at: Place) -> Value:
                name, options = _name_and_options(args)
                if isinstance(name, Unknown):
                    return name
                written = self.world.call_value(data_type, [options], at)
                builder = Builder(dialect, Kind("custom", lambda o: text_of(written)), name, {}, at)
                if not isinstance(written, str):
                    why = "its `dataType` gives no text that is known"
                    builder.unread.append(written if isinstance(written, Unknown) else Unknown(why, at))
                return builder

            return Native("a custom type", call)

        return make

    # tables and views

    def _table_maker(
        self, dialect: Dialect, schema: str, rename: Callable[[Value, Place], Value] | None = None
    ) -> Callable[[list[Value], Place], Value]:
        def call(args: list[Value], place: Place) -> Value:
            name = rename(_first(args), place) if rename is not None else _first(args)
            if not isinstance(name, str):
                return self._nameless("table", name, place)
            columns = _second(args)
            if not isinstance(columns, (Obj, Unknown)) and not is_nullish(columns):
                columns = self.world.call_value(columns, [self._builders(dialect)], place)
            extras = args[2] if len(args) > 2 else UNDEFINED
            table = make_table(dialect, name, schema, columns, extras, place)
            self.made.tables.append(table)
            return table

        return call

    def _builders(self, dialect: Dialect) -> Obj:
        made = Obj({name: self._column(dialect, kind) for name, kind in dialect.kinds.items()})
        if dialect is MYSQL:
            made["mysqlEnum"] = Native("mysqlEnum", self._mysql_enum)
        made["customType"] = Native("customType", self._custom_type(dialect))
        return made

    def _table_creator(self, dialect: Dialect) -> Callable[[list[Value], Place], Value]:
        def make(args: list[Value], place: Place) -> Value:
            def rename(name: Value, at: Place) -> Value:
                return self.world.call_value(_first(args), [name], at)

            return Native("a table creator", self._table_maker(dialect, "", rename))

        return make

    def _view_maker(
        self, dialect: Dialect, schema: str, is_materialized: bool
    ) -> Callable[[list[Value], Place], Value]:
        def call(args: list[Value], place: Place) -> Value:
            if not isinstance(_first(args), str):
                return self._nameless("view", _first(args), place)
            view = View(dialect, args[0], schema, place, is_materialized, _second(args))
            view.call = self.world.call_value
            self.made.views.append(view)
            return view

        return call

    def _nameless(self, what: str, name: Value, place: Place) -> Unknown:
        unknown = name if isinstance(name, Unknown) else Unknown("it is no text that is known", place)
        self.made.problems.append(problem_of(f"the name of a {what}", unknown, place))
        return unknown

    def _foreign_key(self, args: list[Value], place: Place) -> Value:
        config = _first(args)
        if not isinstance(config, (Obj, Unknown)) and not is_nullish(config):
            config = self.world.call_value(config, [], place)
        return ForeignKeyBuilder(config, place)

    # schemas and PostgreSQL's own

    def _named(self, make: Callable[[str, list[Value], Place], Value]) -> Callable[[list[Value], Place], Value]:
        def call(args: list[Value], place: Place) -> Value:
            name = _first(args)
            if isinstance(name, str):
                return make(name, args, place)
            return name if isinstance(name, Unknown) else Unknown("a name is no text that is known", place)

        return call

    def _mysql_schema(self, args: list[Value], place: Place) -> Value:
        def make(name: str, args: list[Value], place: Place) -> Value:
            makers = {"table": self._table_maker(MYSQL, name), "view": self._view_maker(MYSQL, name, False)}
            return SchemaObject(name, place, {key: Native(key, call) for key, call in makers.items()})

        return self._named(make)(args, place)

    def _pg_schema(self, args: list[Value], place: Place) -> Value:
        def make(name: str, args: list[Value], place: Place) -> Value:
            makers: dict[str, Any] = {
                "table": self._table_maker(POSTGRES, name),
                "view": self._view_maker(POSTGRES, name, False),
                "materializedView": self._view_maker(POSTGRES, name, True),
                "enum": self._enum_maker(name),
                "sequence": self._sequence_maker(name),
            }
            return SchemaObject(name, place, {key: Native(key, call) for key, call in makers.items()})

        return self._named(make)(args, place)

    def _enum_maker(self, schema: str) -> Callable[[list[Value], Place], Value]:
        def make(name: str, args: list[Value], place: Place) -> Value:
            values = enum_values(_second(args))
            if isinstance(values, Unknown):
                return values
            if values is None:
                return Unknown(f"the values of the enum {name} are of no form that is read", place)
            return Enum(POSTGRES, name, schema, values[0], place, values[1])

        return self._named(make)

    def _sequence_maker(self, schema: str) -> Callable[[list[Value], Place], Value]:
        return self._named(lambda name, args, place: Sequence(name, schema, _second(args), place))


def _name_and_options(args: list[Value]) -> tuple[Value, Value]:
    first = _first(args)
    if isinstance(first, (dict, list)):
        return "", first
    if isinstance(first, Unknown):
        return first, _second(args)
    return (first if isinstance(first, str) else ""), _second(args)


def _primary_key(args: list[Value], place: Place) -> Value:
    config = _first(args)
    if isinstance(config, Unknown):
        return config
    if isinstance(config, Obj) and "columns" in config:
        return PrimaryKeyBuilder(config.get("name", UNDEFINED), config["columns"], place)
    return PrimaryKeyBuilder(UNDEFINED, Arr(args), place)


def _table_columns(args: list[Value], place: Place) -> Value:
    table = _first(args)
    if isinstance(table, (Table, View)):
        return Obj(table.spread())
    return table if isinstance(table, Unknown) else Unknown("this is no table that is known", place)


def _table_name(args: list[Value], place: Place) -> Value:
    table = _first(args)
    if isinstance(table, (Table, View)):
        return table.name
    return table if isinstance(table, Unknown) else Unknown("this is no table that is known", place)


__all__ = ["Column", "Enum", "Made", "Orm"]
