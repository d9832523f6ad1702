"""Read how long a run may wait for locks."""

from __future__ import annotations

from dataclasses import replace

from lockgate.execute.retry import Patience


def read_patience(lock_timeout_ms: int | None, budget_s: float | None) -> Patience:
    """Return the patience of a run; None means the default."""
    patience = Patience()
    if lock_timeout_ms is not None:
        patience = replace(patience, lock_timeout_ms=lock_timeout_ms)
    if budget_s is not None:
        patience = replace(patience, budget_s=budget_s)
    return patience
