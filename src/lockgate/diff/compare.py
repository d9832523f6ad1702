"""Compare two schemas of the same engine, object by object; pure.

Both sides come from the same inspection, so equal values are equal objects: no engine's spelling is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from lockgate.model import keys
from lockgate.model.change import (
    AddColumn,
    AddConstraint,
    AddIndex,
    AlterColumn,
    AlterConstraint,
    AlterIndex,
    AlterObject,
    AlterTable,
    Change,
    CreateObject,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropObject,
    RenameConstraint,
    RenameIndex,
)
from lockgate.model.codec import canonical_schema
from lockgate.model.fold import ignores_case, match_case
from lockgate.model.schema import Constraint, Index, Key, Schema, SchemaObject, Table, Value

N = TypeVar("N", Index, Constraint)


def diff_schemas(before: Schema, after: Schema) -> tuple[Change, ...]:
    """Return every difference, sorted by kind of object and key; empty when the schemas are equal.

    ``before`` must have renames applied already; see `lockgate.diff.rename`.
    """
    if ignores_case(after):
        before = match_case(before, after)
    old, new = keys.index_objects(before), keys.index_objects(after)
    suspects = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    old_bare, new_bare = _by_key(before, suspects), _by_key(after, suspects)
    changes: list[Change] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            changes.append(DropObject(object=old[key]))
        elif key not in old:
            changes.append(CreateObject(object=new[key]))
        elif key in suspects and old_bare[key] != new_bare[key]:
            was, now = old[key], new[key]
            if isinstance(was, Table) and isinstance(now, Table):
                changes.extend(diff_tables(was, now))
            else:
                changes.append(AlterObject(before=was, after=now))
    return tuple(changes)


def _by_key(schema: Schema, wanted: set[Key]) -> dict[Key, SchemaObject]:
    """Return the canonical form of the wanted objects by the key each has in ``schema`` itself."""
    found = {name: _only(getattr(schema, name), wanted) for name in keys.COLLECTIONS}
    few = replace(schema, **found)
    pairs = zip(keys.iter_objects(few), keys.iter_objects(canonical_schema(few)), strict=True)
    return {keys.key_of(obj): bare_obj for obj, bare_obj in pairs}


def _only(objects: tuple[SchemaObject, ...], wanted: set[Key]) -> tuple[SchemaObject, ...]:
    return tuple(obj for obj in objects if keys.key_of(obj) in wanted)


def diff_tables(before: Table, after: Table) -> list[Change]:
    """Return the differences of one table; both have the same key."""
    changes: list[Change] = []
    if without_parts(before) != without_parts(after):
        changes.append(AlterTable(before=before, after=after))
    changes.extend(_diff_columns(before, after))
    changes.extend(_diff_constraints(before, after))
    changes.extend(_diff_indexes(before, after))
    return changes


def without_parts(table: Table) -> Table:
    """Return the table itself, as comparisons see it, without what belongs to it."""
    return replace(
        table,
        columns=(),
        primary_key=None,
        uniques=(),
        foreign_keys=(),
        checks=(),
        exclusions=(),
        indexes=(),
        depends_on=(),
        text="",
    )


def _diff_columns(before: Table, after: Table) -> list[Change]:
    key = keys.table_key(after)
    old, new = {c.name: c for c in before.columns}, {c.name: c for c in after.columns}
    changes: list[Change] = [DropColumn(table=key, column=c) for c in before.columns if c.name not in new]
    for column in after.columns:
        was = old.get(column.name)
        if was is None:
            changes.append(AddColumn(table=key, column=column))
        elif bare(was) != bare(column):
            changes.append(AlterColumn(table=key, before=was, after=column))
    return changes


def _diff_constraints(before: Table, after: Table) -> list[Change]:
    key = keys.table_key(after)
    drops, adds, alters = _match(keys.constraints_of(before), keys.constraints_of(after))
    renames = _pair_by_content(drops, adds)
    changes: list[Change] = [DropConstraint(table=key, constraint=c) for c in drops]
    changes.extend(RenameConstraint(table=key, before=a, after=b) for a, b in renames)
    changes.extend(AlterConstraint(table=key, before=a, after=b) for a, b in alters)
    changes.extend(AddConstraint(table=key, constraint=c) for c in adds)
    return changes


def _diff_indexes(before: Table, after: Table) -> list[Change]:
    key = keys.table_key(after)
    drops, adds, alters = _match(before.indexes, after.indexes)
    renames = _pair_by_content(drops, adds)
    changes: list[Change] = [DropIndex(table=key, index=i) for i in drops]
    changes.extend(RenameIndex(table=key, before=a, after=b) for a, b in renames)
    changes.extend(AlterIndex(table=key, before=a, after=b) for a, b in alters)
    changes.extend(AddIndex(table=key, index=i) for i in adds)
    return changes


def _match(before: Sequence[N], after: Sequence[N]) -> tuple[list[N], list[N], list[tuple[N, N]]]:
    """Pair by kind and name. Unnamed ones (and equal names) pair with their equals, in any number."""
    left = list(before)
    adds: list[N] = []
    for item in after:
        twin = next((x for x in left if bare(x) == bare(item)), None)
        if twin is not None:
            left.remove(twin)
        else:
            adds.append(item)
    alters: list[tuple[N, N]] = []
    for item in list(adds):
        namesake = next((x for x in left if type(x) is type(item) and x.name == item.name and x.name), None)
        if namesake is not None:
            left.remove(namesake)
            adds.remove(item)
            alters.append((namesake, item))
    return left, adds, alters


def _pair_by_content(drops: list[N], adds: list[N]) -> list[tuple[N, N]]:
    """Take out of both lists what differs in nothing but its (non-empty) name."""
    pairs: list[tuple[N, N]] = []
    for old in list(drops):
        if not old.name:
            continue
        new = next((x for x in adds if x.name and bare(replace(x, name=old.name)) == bare(old)), None)
        if new is not None:
            drops.remove(old)
            adds.remove(new)
            pairs.append((old, new))
    return pairs


def bare(value: Value) -> Value:
    """Return a part without its derived dependencies, as comparisons see it."""
    if getattr(value, "depends_on", ()):
        value = replace(value, depends_on=())
    return replace(value, text="") if getattr(value, "text", "") else value
