"""Write PostgreSQL's identity columns, sequences, roles, policies and views as drizzle-kit does."""

from __future__ import annotations

import re

from lockgate.source.drizzle.columns import Builder
from lockgate.source.drizzle.pg_objects import Policy, Role, Sequence
from lockgate.source.drizzle.resolve import Resolver, Statement, cut
from lockgate.source.drizzle.sqltext import Sql
from lockgate.source.drizzle.tables import Table
from lockgate.source.drizzle.values import UNDEFINED, Obj, Unknown, Value, find_unknown, is_nullish, text_of
from lockgate.source.drizzle.views import View

_RANGES = {"integer": "2147483647", "bigint": "9223372036854775807"}
_SMALLEST = "-32768"
_BIGGEST = "9223372036854775807"
_BARE = ("current_user", "current_role", "session_user", "public")
_CAPITAL = re.compile("[A-Z]")


def identity_text(column: str, table: Table, builder: Builder) -> str:
    """Write ``GENERATED … AS IDENTITY (…)``."""
    assert builder.identity is not None
    kind, options = builder.identity
    name = options.get("name", UNDEFINED)
    name = f"{table.name}_{column}_seq" if is_nullish(name) else text_of(name)
    sequence = f'"{table.schema}"."{name}"' if table.schema else f'"{name}"'
    always = "ALWAYS" if kind == "always" else "BY DEFAULT"
    highest = _RANGES.get(builder.sql_type, "32767")
    return f" GENERATED {always} AS IDENTITY (sequence name {sequence}{_counting(options, _SMALLEST, highest)})"


def _counting(options: Obj, lowest: str, highest: str) -> str:
    def given(name: str, default: str) -> str:
        value = options.get(name, UNDEFINED)
        return default if is_nullish(value) else text_of(value)

    increment = given("increment", "1")
    is_down = increment.startswith("-")
    smallest = given("minValue", lowest if is_down else "1")
    largest = given("maxValue", "-1" if is_down else highest)
    parts = {
        "INCREMENT BY": increment,
        "MINVALUE": smallest,
        "MAXVALUE": largest,
        "START WITH": given("startWith", largest if is_down else smallest),
        "CACHE": given("cache", "1"),
    }
    text = "".join(f" {word} {value}" for word, value in parts.items() if value)
    return text + (" CYCLE" if options.get("cycle") is True else "")


def sequence_statement(resolver: Resolver, sequence: Sequence) -> Statement:
    """Write ``CREATE SEQUENCE``."""
    options = sequence.options if isinstance(sequence.options, Obj) else Obj()
    unknown = find_unknown(sequence.options)
    if unknown is not None:
        resolver.problem(f"the sequence {sequence.name}", unknown, sequence.place)
        options = Obj()
    counting = _counting(options, "-" + "9223372036854775808", _BIGGEST)
    return Statement(f'CREATE SEQUENCE "{sequence.schema or "public"}"."{sequence.name}"{counting};', sequence.place)


def role_statement(resolver: Resolver, role: Role) -> Statement:
    """Write ``CREATE ROLE``."""
    options = role.options if isinstance(role.options, Obj) else Obj()
    unknown = find_unknown(role.options)
    if unknown is not None:
        resolver.problem(f"the role {role.name}", unknown, role.place)
    words = [word for key, word in (("createDb", "CREATEDB"), ("createRole", "CREATEROLE")) if options.get(key) is True]
    words += ["NOINHERIT"] if options.get("inherit") is False else []
    return Statement(f'CREATE ROLE "{role.name}"{" WITH " + " ".join(words) if words else ""};', role.place)


def policy_statement(resolver: Resolver, policy: Policy, table: Table, *, is_separate: bool = False) -> Statement:
    """Write ``CREATE POLICY``; ``is_separate``: on a table that the schema does not declare."""
    what = f"a policy of the table {table.shown}"
    config = policy.config if isinstance(policy.config, Obj) else Obj()
    if isinstance(policy.config, Unknown) or not isinstance(policy.name, str) or config.holes:
        resolver.problem(what, find_unknown(policy.config), policy.place)
    target = f'"{table.schema or "public"}"."{table.name}"' if is_separate or table.schema else f'"{table.name}"'
    words = {"as": "PERMISSIVE", "for": "ALL"}
    for key in words:
        value = config.get(key, UNDEFINED)
        if isinstance(value, Unknown):
            resolver.problem(what, value, policy.place)
        elif not is_nullish(value):
            words[key] = text_of(value).upper()
    names = sorted(_role_names(resolver, config.get("to", UNDEFINED), what, policy))
    roles = ", ".join(name if name in _BARE else f'"{name}"' for name in names)
    text = f'CREATE POLICY "{text_of(policy.name)}" ON {target} AS {words["as"]} FOR {words["for"]} TO {roles}'
    for key, word in (("using", "USING"), ("withCheck", "WITH CHECK")):
        value = config.get(key, UNDEFINED)
        if isinstance(value, Sql):
            text += f" {word} ({cut(resolver.expression(value, what, policy.place), '--')})"
        elif isinstance(value, Unknown):
            resolver.problem(what, value, policy.place)
    return Statement(text + ";", policy.place)


def _role_names(resolver: Resolver, to: Value, what: str, policy: Policy) -> list[str]:
    if is_nullish(to):
        return ["public"]
    names = []
    for item in to if isinstance(to, list) else [to]:
        if isinstance(item, (str, Role)):
            names.append(item if isinstance(item, str) else item.name)
        else:
            resolver.problem(what, item, policy.place, "a role of it is not known")
    return names


def view_statement(resolver: Resolver, view: View) -> list[Statement]:
    """Write ``CREATE [MATERIALIZED] VIEW``; nothing for one that exists already."""
    resolver.problems += view.problems
    if view.query is None:
        return []
    what = f"the view {view.name}"
    query = resolver.expression(view.query, what, view.place)
    text = f'CREATE {"MATERIALIZED VIEW" if view.is_materialized else "VIEW"} "{view.schema or "public"}"."{view.name}"'
    options = view.options
    for value in options.values():
        unknown = find_unknown(value)
        if unknown is not None:
            resolver.problem(what, unknown, view.place)
    if "using" in options:
        text += f' USING "{text_of(options["using"])}"'
    settings = options.get("with")
    if isinstance(settings, dict):
        pairs = (
            f"{_snake(key)} = {text_of(value)}" for key, value in sorted(settings.items()) if value is not UNDEFINED
        )
        text += f" WITH ({', '.join(pairs)})"
    if "tablespace" in options:
        text += f" TABLESPACE {text_of(options['tablespace'])}"
    return [Statement(f"{text} AS ({query}){' WITH NO DATA' if 'withNoData' in options else ''};", view.place)]


def _snake(key: str) -> str:
    return _CAPITAL.sub(lambda m: "_" + m[0].lower(), key)
