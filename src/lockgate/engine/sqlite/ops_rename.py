"""Renamings, natively: SQLite rewrites every reference itself; pure."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.sqlite.locks import hazard, note
from lockgate.engine.sqlite.steps import relation, rename_key
from lockgate.engine.sqlite.tokens import quote
from lockgate.model.change import Change, RenameColumn, RenameTable
from lockgate.model.op import CONTRACT, HazardKind, Op


def rename_ops(changes: Sequence[Change]) -> list[Op]:
    """Return one op a renaming, tables first.

    ``legacy_alter_table`` stays off, so that foreign keys, views and triggers that name the old name follow.
    """
    tables = [_table(c) for c in changes if isinstance(c, RenameTable)]
    return tables + [_column(c) for c in changes if isinstance(c, RenameColumn)]


def _table(change: RenameTable) -> Op:
    old, new = change.before.name, change.after.name
    warning = hazard(HazardKind.BREAKS_OLD_CLIENTS, f"clients that still say {old} fail")
    return Op(
        title=f"rename table {old} to {new}",
        stage=CONTRACT,
        table=change.after,
        changes=(change,),
        forward=(note(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}", warning),),
        backward=(note(f"ALTER TABLE {quote(new)} RENAME TO {quote(old)}"),),
        creates=frozenset([rename_key(change), relation(new)]),
        removes=frozenset([relation(old)]),
    )


def _column(change: RenameColumn) -> Op:
    table, old, new = quote(change.table.name), change.before, change.after
    warning = hazard(HazardKind.BREAKS_OLD_CLIENTS, f"clients that still say {change.table.name}.{old} fail")
    return Op(
        title=f"rename column {change.table.name}.{old} to {new}",
        stage=CONTRACT,
        table=change.table,
        changes=(change,),
        forward=(note(f"ALTER TABLE {table} RENAME COLUMN {quote(old)} TO {quote(new)}", warning),),
        backward=(note(f"ALTER TABLE {table} RENAME COLUMN {quote(new)} TO {quote(old)}"),),
        creates=frozenset([rename_key(change)]),
        needs=frozenset([rename_key(RenameTable(before=change.table, after=change.table))]),
    )
