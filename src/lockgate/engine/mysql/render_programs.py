"""Write views and programs with what surrounds them (definer, sql_mode, charset), and a whole schema; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lockgate.engine.mysql.inspect_programs import names_in
from lockgate.engine.mysql.lexer import code_tokens, quote_name, quote_string
from lockgate.engine.mysql.render import render_foreign_key, render_sequence, render_table
from lockgate.model.schema import Definition, Schema
from lockgate.model.server import Server


def render_definition(definition: Definition, *, is_replacing: bool = False, precedes: str = "") -> str:
    """Write the CREATE statement with its definer; triggers with their place among those of the same moment."""
    options = dict(definition.options)
    sql = definition.sql
    if "follows" in options:
        sql = _with_order(sql, f"FOLLOWS {quote_name(options['follows'])}")
    elif precedes:
        sql = _with_order(sql, f"PRECEDES {quote_name(precedes)}")
    head = "CREATE OR REPLACE " if is_replacing else "CREATE "
    match = re.match(r"CREATE\s+(?:OR\s+REPLACE\s+)?(ALGORITHM\s*=\s*\w+\s+)?", sql, re.I)
    assert match is not None
    algorithm = match.group(1) or ""
    definer = f"DEFINER={options['definer']} " if "definer" in options else ""
    return head + algorithm + definer + sql[match.end() :]


def _with_order(sql: str, order: str) -> str:
    tokens = code_tokens(sql)
    for i in range(len(tokens) - 3):
        if [t.upper for t in tokens[i : i + 3]] == ["FOR", "EACH", "ROW"]:
            at = tokens[i + 2].end
            return f"{sql[:at]} {order}{sql[at:]}"
    return sql


def surround(definition: Definition, sql: str, server: Server) -> tuple[str, ...]:
    """Return the statement between those that set what it must be created under, and set it back."""
    options = dict(definition.options)
    before: list[str] = []
    after: list[str] = []
    mode = options.get("sql_mode")
    if mode is not None and mode != server.setting("sql_mode"):
        before.append(f"SET SESSION sql_mode = {quote_string(mode)}")
        after.append(f"SET SESSION sql_mode = {quote_string(server.setting('sql_mode'))}")
    zone = options.get("time_zone")
    if zone is not None and zone != "SYSTEM":
        before.append(f"SET SESSION time_zone = {quote_string(zone)}")
        after.append("SET SESSION time_zone = DEFAULT")
    wanted = (options.get("charset_client"), options.get("collation_connection"))
    usual = ("utf8mb4", server.setting("collation_connection"))
    if wanted[0] is not None and wanted != usual:
        charset = quote_string(str(wanted[0]))
        before.append(
            f"SET SESSION character_set_client = {charset}, collation_connection = {quote_string(str(wanted[1]))}"
        )
        usual_collation = quote_string(usual[1])
        after.append(f"SET SESSION character_set_client = 'utf8mb4', collation_connection = {usual_collation}")
    return (*before, sql, *after)


def order_definitions(definitions: Iterable[Definition]) -> list[Definition]:
    """Return definitions so that each comes after those it names: routines, views, triggers, events."""
    rank = {"function": 0, "procedure": 0, "view": 1, "trigger": 2, "event": 3}
    left = sorted(definitions, key=lambda d: (rank.get(d.kind, 4), d.table or "", d.name))
    by_name = {d.name: d for d in left if d.kind in ("view", "function")}
    result: list[Definition] = []
    seen: set[tuple[str, str]] = set()

    def visit(definition: Definition, trail: frozenset[str]) -> None:
        if (definition.kind, definition.name) in seen:
            return
        for name in sorted(needed_names(definition, by_name.keys()) - trail):
            if definition.kind in ("view", "trigger") or by_name[name].kind == definition.kind:
                visit(by_name[name], trail | {definition.name})
        if (definition.kind, definition.name) not in seen:
            seen.add((definition.kind, definition.name))
            result.append(definition)

    for definition in left:
        follows = dict(definition.options).get("follows")
        leader = next((d for d in left if d.kind == "trigger" and d.name == follows), None)
        if definition.kind == "trigger" and leader is not None:
            for each in _chain(leader, left):
                visit(each, frozenset())
        visit(definition, frozenset())
    return result


def _chain(trigger: Definition, triggers: Sequence[Definition]) -> list[Definition]:
    """Return a trigger with all that come before it, first first."""
    chain = [trigger]
    while (follows := dict(chain[0].options).get("follows")) is not None:
        leader = next((d for d in triggers if d.kind == "trigger" and d.name == follows), None)
        if leader is None or leader in chain:
            break
        chain.insert(0, leader)
    return chain


def needed_names(definition: Definition, names: Iterable[str]) -> frozenset[str]:
    """Return which of these names the definition's text mentions, its own left out."""
    return (names_in(definition.sql) & frozenset(names)) - {definition.name}


def render_schema(schema: Schema, server: Server) -> tuple[str, ...]:
    """Return statements that build the schema in an empty database.

    Tables are built under a lenient sql_mode, so that old defaults (zero dates) can be had again, and foreign keys
    come last, unchecked against the order of tables.
    """
    mode = quote_string(server.setting("sql_mode"))
    statements = ["SET SESSION foreign_key_checks = 0", "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'"]
    statements.extend(render_sequence(sequence) for sequence in schema.sequences)
    definitions = order_definitions(schema.definitions)
    statements.extend(render_table(table, server) for table in schema.tables)
    for table in schema.tables:
        for key in table.foreign_keys:
            statements.append(f"ALTER TABLE {quote_name(table.name)} ADD {render_foreign_key(key, server)}")
    statements.append(f"SET SESSION sql_mode = {mode}")
    for definition in definitions:
        statements.extend(surround(definition, render_definition(definition), server))
    statements.append("SET SESSION foreign_key_checks = 1")
    return tuple(statements)
