"""What a rebuild may do that somebody must have agreed to; pure."""

from __future__ import annotations

from lockgate.engine.sqlite.locks import deletes, hazard
from lockgate.engine.sqlite.normalize import rowid_column
from lockgate.engine.sqlite.tokens import fold
from lockgate.engine.sqlite.values import column_affinity, fill_literal, find_column, is_null, is_strict
from lockgate.model.op import Hazard, HazardKind
from lockgate.model.schema import Table


def rebuild_hazards(old: Table, new: Table) -> list[Hazard]:
    """Return the hazards of a rebuild, in a fixed order."""
    name = new.name
    found = [hazard(HazardKind.REWRITES_TABLE, f"every row of {name} is copied; writers wait meanwhile")]
    lost = [c.name for c in old.columns if c.generated is None and find_column(new, c.name) is None]
    if lost:
        found.append(deletes(f"{_columns(lost)} of {name} go with their values"))
    gone = [c.name for c in old.columns if find_column(new, c.name) is None]
    if gone:
        found.append(hazard(HazardKind.BREAKS_OLD_CLIENTS, f"clients that still use {_columns(gone)} of {name} fail"))
    found += _type_hazards(old, new)
    found += _fill_hazards(old, new)
    if _adds_constraints(old, new):
        found.append(hazard(HazardKind.MAY_FAIL_ON_DATA, f"rows of {name} that break a new constraint stop the step"))
    return found


def _columns(names: list[str]) -> str:
    return ("column " if len(names) == 1 else "columns ") + ", ".join(names)


def _type_hazards(old: Table, new: Table) -> list[Hazard]:
    found: list[Hazard] = []
    for column in new.columns:
        was = find_column(old, column.name)
        if was is None or column.generated is not None:
            continue
        before, after = column_affinity(old, was), column_affinity(new, column)
        if before != after and after != "BLOB":
            message = (
                f"values of {new.name}.{column.name} are converted from {before} to {after}; the old ones are kept"
            )
            found.append(hazard(HazardKind.LOSSY_CONVERSION, message))
    return found


def _fill_hazards(old: Table, new: Table) -> list[Hazard]:
    found: list[Hazard] = []
    alias = rowid_column(new)
    for column in new.columns:
        is_new = find_column(old, column.name) is None
        is_alias = alias is not None and fold(alias) == fold(column.name)
        if is_new and not column.is_nullable and is_null(column.default) and not column.generated and not is_alias:
            message = f"rows there are get {fill_literal(new, column)} in {new.name}.{column.name}"
            found.append(hazard(HazardKind.FILLS_ROWS, message))
            found.append(
                hazard(HazardKind.BREAKS_OLD_CLIENTS, f"clients that give no {new.name}.{column.name} fail to insert")
            )
    return found


def _adds_constraints(old: Table, new: Table) -> bool:
    if is_strict(new) and not is_strict(old):
        return True
    if set(new.checks) - set(old.checks) or set(new.uniques) - set(old.uniques):
        return True
    if set(new.foreign_keys) - set(old.foreign_keys) or (new.primary_key and new.primary_key != old.primary_key):
        return True
    return any(
        not c.is_nullable and (was := find_column(old, c.name)) is not None and was.is_nullable for c in new.columns
    )
