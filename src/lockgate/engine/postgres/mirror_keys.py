"""Primary keys of mirrored columns, and foreign keys that refer to them: they change sides within the swap; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from lockgate.engine.postgres import ops_sql_part as part_sql
from lockgate.engine.postgres.disturb import Doing
from lockgate.engine.postgres.locks import statement
from lockgate.engine.postgres.mirror_pair import Pair
from lockgate.engine.postgres.ops_constraint_sql import form_of_extra, using_index
from lockgate.engine.postgres.ops_context import Context
from lockgate.engine.postgres.ops_graph import table_of
from lockgate.engine.postgres.quote import qualify, quote_ident
from lockgate.engine.postgres.render import render_constraint, render_index
from lockgate.model import keys
from lockgate.model.op import FIX, Op, Statement
from lockgate.model.schema import ForeignKey, Index, Key, PrimaryKey, Table


class Loose(NamedTuple):
    """A foreign key that refers to a mirrored column: dropped in the swap, added again there, validated after it."""

    table: Table
    key: ForeignKey

    @property
    def on(self) -> str:
        """Its table in SQL."""
        return qualify(self.table.namespace, self.table.name)


class Primary(NamedTuple):
    """The primary key: there is no way to have two, so an index waits on the parked column and takes over.

    ``old_index`` waits on the old column while the new one is in use, ``new_index`` the other way round.
    """

    table: Table
    key: PrimaryKey
    shadows: Mapping[str, str]
    old_index: str
    new_index: str

    def has(self, pair: Pair) -> bool:
        """Tell whether a column is part of it."""
        return any(part.column == pair.before.name for part in self.key.parts)

    def make_ready(self, name: str, *, is_repeat: bool = True) -> Statement:
        """Return what builds the waiting index on the parked columns."""
        parts = tuple(replace(part, column=self.shadows.get(part.column or "", part.column)) for part in self.key.parts)
        index = Index(
            name=name,
            parts=parts,
            is_unique=True,
            include=tuple(self.shadows.get(column, column) for column in self.key.include),
            options=tuple((n, v) for n, v in self.key.options if n.startswith(("reloption", "tablespace"))),
        )
        text = render_index(index, self.table.namespace, self.table.name, is_concurrent=True)
        if is_repeat:
            text = text.replace("INDEX CONCURRENTLY ", "INDEX CONCURRENTLY IF NOT EXISTS ", 1)
        return statement(text, "create_index_concurrently", is_transactional=False, is_idempotent=is_repeat)

    def drop_ready(self, name: str) -> Statement:
        """Return what drops a waiting index."""
        text = f"DROP INDEX CONCURRENTLY IF EXISTS {qualify(self.table.namespace, name)}"
        return statement(text, "drop_index_concurrently", is_transactional=False, is_idempotent=True)

    def leave(self) -> Statement:
        """Return what takes the primary key, and its index, away."""
        on = qualify(self.table.namespace, self.table.name)
        text = f"ALTER TABLE {on} DROP CONSTRAINT IF EXISTS {quote_ident(self.key.name)}"
        return statement(text, "drop_constraint")

    def come(self, index: str) -> list[Statement]:
        """Return what makes the waiting index the primary key's."""
        found = [statement(using_index(self.table, self.key, index), "add_key_using_index")]
        return found + [statement(t, form_of_extra(t)) for t in part_sql.constraint_extras(self.table, self.key)]


def find_primary(context: Context, table: Table, shadows: Mapping[str, str]) -> Primary | None:
    """Return the primary key when a mirrored column is part of it and it stays."""
    key = table.primary_key
    if key is None or not any(part.column in shadows for part in key.parts):
        return None
    if context.doing(keys.child_key(keys.table_key(table), key)) not in (None, Doing.ALTER):
        return None
    return Primary(table, key, dict(shadows), context.names.next(key.name), context.names.next(key.name))


def find_loose(context: Context, columns: Sequence[Key]) -> tuple[Loose, ...]:
    """Return the foreign keys bound to these mirrored columns that refer to a mirrored one."""
    found = []
    for fact in context.before.facts.values():
        value = fact.value
        if not isinstance(value, ForeignKey) or context.doing(fact.key) not in (None, Doing.ALTER):
            continue
        if refers_to_mirrored(context, value) and fact.deps & set(columns):
            found.append(Loose(table_of(fact), value))
    return tuple(found)


def refers_to_mirrored(context: Context, key: ForeignKey) -> bool:
    """Tell whether a foreign key refers to a column that is mirrored in this plan."""
    targets = {Key("column", key.ref_namespace, key.ref_table, name) for name in key.ref_columns}
    return bool(targets & context.decisions.mirrored)


def drop_loose(found: Sequence[Loose]) -> list[Statement]:
    """Return what drops these foreign keys."""
    return [
        statement(f"ALTER TABLE {item.on} DROP CONSTRAINT {quote_ident(item.key.name)}", "drop_constraint")
        for item in found
    ]


def add_loose(found: Sequence[Loose]) -> list[Statement]:
    """Return what adds them again, for new rows at once."""
    result = []
    for item in found:
        written = replace(item.key, is_validated=False)
        result.append(statement(f"ALTER TABLE {item.on} ADD {render_constraint(written)}", "add_fk_not_valid"))
        extras = part_sql.constraint_extras(item.table, item.key)
        result += [statement(text, form_of_extra(text)) for text in extras]
    return result


def validate_loose(found: Sequence[Loose]) -> list[Statement]:
    """Return what proves them for all rows without holding anybody up; outside of the swap's transaction."""
    return [
        statement(
            f"ALTER TABLE {item.on} VALIDATE CONSTRAINT {quote_ident(item.key.name)}",
            "validate",
            is_transactional=False,
            is_idempotent=True,
        )
        for item in found
        if item.key.is_validated
    ]


def follow_ops(op: Op, primary: Primary | None, loose: Sequence[Loose]) -> list[Op]:
    """Return the ops that finish what a swap leaves: foreign keys are validated, an index waits for the way back."""
    assert op.table is not None
    needs = frozenset({Key("mirrored", *op.table[1:3])})
    found = [
        Op(
            title=f"validate foreign key {item.key.name} of {item.table.name} again",
            stage=FIX,
            table=keys.table_key(item.table),
            forward=(replace(validated, is_transactional=True),),
            needs=needs,
            creates=frozenset({Key("followed", *keys.table_key(item.table)[1:3], item.key.name)}),
            rank=6,
        )
        for item in loose
        for validated in validate_loose([item])
    ]
    if primary is not None:
        ready = primary.make_ready(primary.old_index, is_repeat=False)
        found.append(
            Op(
                title=f"keep an index ready for the way back of {primary.key.name}",
                stage=FIX,
                table=op.table,
                forward=(ready,),
                backward=(primary.drop_ready(primary.old_index),),
                revert=(),
                redo=(),
                needs=needs,
                rank=7,
            )
        )
    return found
