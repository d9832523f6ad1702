"""Options that say how long a run may wait for locks, what that may cost others, and how fast it copies rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from lockgate.outside import redact

if TYPE_CHECKING:
    from lockgate.execute.retry import Patience

_PACES = ("gentle", "normal", "max")
_OPTIONS = (
    click.option(
        "--lock-timeout-ms",
        type=click.IntRange(1),
        default=None,
        help="Longest wait of one attempt at a lock (as the database allows: 40 to 60).",
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
    click.option(
        "--max-lag",
        type=click.FloatRange(0),
        metavar="S",
        default=None,
        help="Hold the copy back while a replica is S seconds behind (5; 0: never).",
    ),
    click.option(
        "--replica",
        "replicas",
        metavar="URL",
        multiple=True,
        help="A replica to ask how far it is behind; when it cannot tell, the copy waits. Repeatable.",
    ),
    click.option(
        "--max-load",
        type=click.IntRange(1),
        metavar="N",
        default=None,
        help="Hold the copy back while N other sessions run statements.",
    ),
    click.option(
        "--critical-load",
        type=click.IntRange(1),
        metavar="N",
        default=None,
        help="Undo the run when N other sessions run statements during a copy.",
    ),
)
_FIELDS = {
    "lock_timeout_ms": "lock_timeout_ms",
    "stall_budget": "stall_budget_s",
    "lock_patience": "budget_s",
    "kill_blockers": "kill_idle_s",
}
_LIMITS = {"max_lag": "lag_s", "max_load": "most_active", "critical_load": "critical_active"}
_NAMES = (*_FIELDS, *_LIMITS, "pace", "replicas")


def patience_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add the options to a command, which gets them as one argument ``patience``."""

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> int | None:
        given = {name: options.pop(name) for name in _NAMES}
        return function(*arguments, patience=read_patience(given), **options)

    decorated: Callable[..., int | None] = call
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def read_patience(options: Mapping[str, Any]) -> Patience:
    """Return the patience of a run from the options given; None means the default.

    Raises:
        ConfigError: A replica's URL cannot be read.
    """
    from lockgate.execute.pace import PACES, USUAL_LIMITS
    from lockgate.execute.retry import Patience
    from lockgate.model.target import parse_target

    given = {name: value for name, value in options.items() if value is not None}
    limits = {field: given[name] for name, field in _LIMITS.items() if name in given}
    urls = given.get("replicas", ())
    for url in urls:
        redact.add_secrets_of_url(url)
    limits["replicas"] = tuple(parse_target(url) for url in urls)
    fields = {field: given[name] for name, field in _FIELDS.items() if name in given}
    if "pace" in given:
        fields["pace"] = PACES[given["pace"]]
    return replace(Patience(), limits=replace(USUAL_LIMITS, **limits), **fields)
