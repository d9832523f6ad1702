"""Ops for renamed tables and columns; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lockgate.engine.mysql.draft import Draft, ddl
from lockgate.engine.mysql.lexer import NAME, iter_tokens, quote_name, unquote_name
from lockgate.engine.mysql.render_alter import alter_statement
from lockgate.engine.mysql.states import bare_table, rename_columns
from lockgate.model.change import RenameColumn, RenameTable
from lockgate.model.op import CONTRACT, Hazard, HazardKind, Op
from lockgate.model.schema import Schema, Table
from lockgate.model.server import Server


def rename_ops(draft: Draft, renames: Sequence[RenameTable | RenameColumn], before: Schema, server: Server) -> None:
    """Rename tables first, then columns (whose change names the table as it is called then)."""
    for change in renames:
        if isinstance(change, RenameTable):
            draft.add(_rename_table(change), {change.before.name, change.after.name})
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
        replace(c, generated=replace(c.generated, expression=_in_text(c.generated.expression, names)))
        if c.generated
        else c
        for c in moved.columns
    )
    checks = tuple(replace(c, expression=_in_text(c.expression, names)) for c in moved.checks)
    indexes = tuple(
        replace(
            i,
            parts=tuple(replace(p, expression=_in_text(p.expression, names)) if p.expression else p for p in i.parts),
        )
        for i in moved.indexes
    )
    return replace(moved, columns=columns, checks=checks, indexes=indexes)


def _in_text(text: str, names: dict[str, str]) -> str:
    """Replace quoted names in an expression."""
    parts = []
    for token in iter_tokens(text):
        name = unquote_name(token.text) if token.kind == NAME else ""
        parts.append(quote_name(names[name]) if name in names else token.text)
    return "".join(parts)
