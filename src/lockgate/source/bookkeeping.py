"""Leaves a migration tool's own tables alone: nobody declares them, and nobody may drop them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from msgspec.structs import replace

from lockgate.model.schema import Namespace, Schema, Sequence, Table


def select_bookkeeping(live: Schema, desired: Schema, names: tuple[str, ...]) -> Schema:
    """Return the part of the live schema that is such tables and what only they need.

    Args:
        names: Tables as ``name`` (in any namespace that the desired schema has, or the only one) or ``schema.name``;
            ``*`` and ``?`` stand for any letters. Names after ``!`` are the tool's own: every other table is kept.
    """
    declared = {(t.namespace, t.name) for t in desired.tables}
    tables = tuple(t for t in live.tables if _is_named(t, names) and (t.namespace, t.name) not in declared)
    kept = {(t.namespace, t.name) for t in tables}
    sequences = tuple(s for s in live.sequences if _owner(s) in kept)
    used = {t.namespace for t in tables}
    known = {n.name for n in desired.namespaces}
    namespaces: tuple[Namespace, ...] = tuple(n for n in live.namespaces if n.name in used - known)
    return Schema(
        engine=live.engine, namespaces=namespaces, sequences=sequences, tables=tables, options=desired.options
    )


def add_bookkeeping(desired: Schema, kept: Schema) -> Schema:
    """Return the desired schema with such tables added."""
    return replace(
        desired,
        namespaces=tuple(sorted((*desired.namespaces, *kept.namespaces), key=lambda n: n.name)),
        sequences=tuple(sorted((*desired.sequences, *kept.sequences), key=lambda s: (s.namespace, s.name))),
        tables=tuple(sorted((*desired.tables, *kept.tables), key=lambda t: (t.namespace, t.name))),
    )


def _is_named(table: Table, names: tuple[str, ...]) -> bool:
    if any(_fits(table, name) for name in names if not name.startswith("!")):
        return True
    own = [name[1:] for name in names if name.startswith("!")]
    return bool(own) and not any(_fits(table, name) for name in own)


def _fits(table: Table, name: str) -> bool:
    return fnmatchcase(table.name, name) or fnmatchcase(f"{table.namespace}.{table.name}", name)


def _owner(sequence: Sequence) -> tuple[str, str] | None:
    owner = sequence.owned_by
    return None if owner is None else (owner.namespace, owner.name)
