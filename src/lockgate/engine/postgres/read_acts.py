"""Acts of PostgreSQL statements with the lock of their form; pure."""

from __future__ import annotations

from typing import Any

from lockgate.engine.postgres.locks import FORMS
from lockgate.model.ddl import Act, Kind, LockClaim, Trait

_SCANNING = frozenset(
    ["add_check", "add_fk", "add_key", "add_exclusion", "create_index", "set_not_null", "reindex", "refresh"]
)


def act(
    kind: Kind,
    form: str = "catalogue",
    *traits: Trait | bool,
    scans: bool | None = None,
    is_certain: bool = True,
    **fields: Any,
) -> Act:
    """Return an act with the lock of a form of `FORMS`; ``False`` among the traits is left out."""
    row = FORMS[form]
    does_scan = row.rewrites or form in _SCANNING if scans is None else scans
    lock = LockClaim(blocks=row.blocks, name=row.lock, rewrites=row.rewrites, scans=does_scan, is_certain=is_certain)
    return Act(kind=kind, traits=frozenset(t for t in traits if isinstance(t, Trait)), lock=lock, **fields)
