"""Ops for renamed tables and columns; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.mysql.draft import Draft, ddl, setting
from lockgate.engine.mysql.lexer import WORD, code_tokens, quote_name
from lockgate.engine.mysql.parking import rename_in
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.render_programs import order_definitions, render_definition, surround
from lockgate.engine.mysql.server import rewrites_triggers_on_rename
from lockgate.engine.mysql.states import bare_table, rename_columns
from lockgate.model.change import RenameColumn, RenameTable
from lockgate.model.op import CONTRACT, Hazard, HazardKind, Op, Statement
from lockgate.model.schema import Definition, Key, Schema, Table
from lockgate.model.server import Server


def rename_ops(draft: Draft, renames: Sequence[RenameTable | RenameColumn], before: Schema, server: Server) -> None:
    """Rename tables first, then columns (whose change names the table as it is called then)."""
    for change in renames:
        if isinstance(change, RenameTable):
            triggers = _triggers_of(change, before) if rewrites_triggers_on_rename(server) else []
            names = {change.before.name, change.after.name}
            for trigger in reversed(triggers):
                draft.add(_drop_trigger(trigger, change.before, server), names)
            draft.add(_rename_table(change), names)
            for trigger in triggers:
                draft.add(_create_trigger(trigger, change.after, server), names)
    tables = {t.name: t for t in before.tables}
    for change in renames:
        if isinstance(change, RenameTable):
            tables.setdefault(
                change.after.name, tables.get(change.before.name, Table(namespace="", name="", columns=()))
            )
    for change in renames:
        if isinstance(change, RenameColumn):
            table = replace(tables[change.table.name], name=change.table.name)
            draft.add(_rename_column(change, bare_table(table), server), {change.table.name})


def _triggers_of(change: RenameTable, before: Schema) -> list[Definition]:
    names = (change.before.name, change.after.name)
    return order_definitions(d for d in before.definitions if d.kind == "trigger" and d.table in names)


def _on_table(trigger: Definition, name: str) -> Definition:
    """Return a trigger as it reads on a table of this name, spelled as the old one was."""
    options = tuple((n, v) for n, v in trigger.options if n != "follows")
    tokens = code_tokens(trigger.sql)
    for at, token in enumerate(tokens[:-1]):
        if token.upper == "ON":
            old = tokens[at + 1]
            text = name if old.kind == WORD and re.fullmatch(r"[A-Za-z_]\w*", name) else quote_name(name)
            sql = trigger.sql[: old.start] + text + trigger.sql[old.end :]
            return replace(trigger, sql=sql, table=name, options=options)
    return replace(trigger, table=name, options=options)


def _statements(trigger: Definition, server: Server) -> tuple[Statement, ...]:
    sql = render_definition(trigger)
    return tuple(ddl(text) if text == sql else setting(text) for text in surround(trigger, sql, server))


def _drop_trigger(trigger: Definition, table: Key, server: Server) -> Op:
    return Op(
        title=f"drop trigger {trigger.name} while its table is renamed",
        stage=CONTRACT,
        table=table,
        forward=(ddl(f"DROP TRIGGER {quote_name(trigger.name)}"),),
        backward=_statements(_on_table(trigger, table.name), server),
    )


def _create_trigger(trigger: Definition, table: Key, server: Server) -> Op:
    return Op(
        title=f"create trigger {trigger.name} on the renamed table",
        stage=CONTRACT,
        table=table,
        forward=_statements(_on_table(trigger, table.name), server),
        backward=(ddl(f"DROP TRIGGER {quote_name(trigger.name)}"),),
    )


def _breaks(what: str) -> list[Hazard]:
    return [Hazard(kind=HazardKind.BREAKS_OLD_CLIENTS, message=f"clients that use {what} by its old name fail")]


def _rename_table(change: RenameTable) -> Op:
    old, new = quote_name(change.before.name), quote_name(change.after.name)
    return Op(
        title=f"rename table {change.before.name} to {change.after.name}",
        stage=CONTRACT,
        table=change.after,
        changes=(change,),
        forward=(ddl(f"RENAME TABLE {old} TO {new}", hazards=_breaks(change.before.name)),),
        backward=(ddl(f"RENAME TABLE {new} TO {old}"),),
        creates=frozenset({change.after}),
        removes=frozenset({change.before}),
    )


def _rename_column(change: RenameColumn, table: Table, server: Server) -> Op:
    """Rename a column with everything of its table that names it; ``table`` may be as before or as after."""
    there = {change.before: change.after}
    back = {change.after: change.before}
    is_done = change.after in {c.name for c in table.columns}
    old = _renamed(table, back) if is_done else table
    new = table if is_done else _renamed(table, there)
    what = f"{table.name}.{change.before}"
    return Op(
        title=f"rename column {what} to {change.after}",
        stage=CONTRACT,
        table=change.table,
        changes=(change,),
        forward=(ddl(alter_statement(old, new, server, there), hazards=_breaks(what)),),
        backward=(ddl(alter_statement(new, old, server, back)),),
    )


def _renamed(table: Table, names: dict[str, str]) -> Table:
    moved = rename_columns(table, names)
    columns = tuple(
        replace(c, generated=replace(c.generated, expression=rename_in(c.generated.expression, names)))
        if c.generated
        else c
        for c in moved.columns
    )
    checks = tuple(replace(c, expression=rename_in(c.expression, names)) for c in moved.checks)
    indexes = tuple(
        replace(
            i,
            parts=tuple(replace(p, expression=rename_in(p.expression, names)) if p.expression else p for p in i.parts),
        )
        for i in moved.indexes
    )
    return replace(moved, columns=columns, checks=checks, indexes=indexes)
