"""Propose ops for the changes between two schemas."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.engine.base import ParkNames
from lockgate.errors import UnsupportedChange
from lockgate.model.change import Change
from lockgate.model.op import Op
from lockgate.model.schema import Schema
from lockgate.model.server import Server


def plan_ops(
    changes: Sequence[Change], before: Schema, after: Schema, server: Server, names: ParkNames
) -> tuple[Op, ...]:
    """Propose ops."""
    if changes:
        raise UnsupportedChange("changes are not supported yet")
    return ()
