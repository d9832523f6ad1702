"""Options that say how long a run may wait for locks, what that may cost others, and how fast it copies rows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lockgate.execute.retry import Patience

_PACES = ("gentle", "normal", "max")
_OPTIONS = (
    click.option(
        "--lock-timeout-ms",
        type=click.IntRange(1),
        default=None,
        help="Longest wait of one attempt at a lock (as the database allows: 40 to 80).",
    ),
    click.option(
        "--stall-budget",
        type=click.FloatRange(0),
        metavar="S",
        default=None,
        help="Seconds that failed attempts of a step may hold others up in all (1).",
    ),
    click.option(
        "--lock-patience",
        "--lock-budget-s",
        "lock_patience",
        type=click.FloatRange(0.1),
        metavar="S",
        default=None,
        help="Seconds to go on trying to get a statement's lock (30).",
    ),
    click.option(
        "--kill-blockers",
        type=click.FloatRange(1),
        metavar="S",
        default=None,
        help="End sessions that hold the lock and are idle in a transaction for S seconds (never).",
    ),
    click.option("--pace", type=click.Choice(_PACES), default=None, help="How fast rows are copied (normal)."),
)


def patience_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add the options to a command, which gets them as one argument ``patience``."""

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> int | None:
        names = ("lock_timeout_ms", "stall_budget", "lock_patience", "kill_blockers", "pace")
        patience = read_patience(*(options.pop(name) for name in names))
        return function(*arguments, patience=patience, **options)

    decorated: Callable[..., int | None] = call
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def read_patience(
    lock_timeout_ms: int | None = None,
    stall_budget_s: float | None = None,
    budget_s: float | None = None,
    kill_idle_s: float | None = None,
    pace: str | None = None,
) -> Patience:
    """Return the patience of a run; None means the default."""
    from lockgate.execute.pace import PACES
    from lockgate.execute.retry import Patience

    given = {
        "lock_timeout_ms": lock_timeout_ms,
        "stall_budget_s": stall_budget_s,
        "budget_s": budget_s,
        "kill_idle_s": kill_idle_s,
        "pace": PACES[pace] if pace else None,
    }
    return replace(Patience(), **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
