"""What a source of a monitor is, and what all of them are made with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from lockgate.errors import ConfigError
from lockgate.model.runbook import Monitor, Rule
from lockgate.monitor.base import Reading
from lockgate.monitor.words import seconds_of

MOST_LINES = 20


class Source(Protocol):
    """Where the values of one monitor come from. What cannot be read is a `Reading` with ``error``, no exception."""

    def begin(self) -> Reading:
        """Look for the first time, before anything is done; of lines in a log it counts what was there before."""

    def read(self) -> Reading:
        """Look again; counts are those since the last look."""

    def evidence(self) -> tuple[str, ...]:
        """Return what would help somebody who looks at a breach of any monitor: last lines, who blocks whom."""

    def close(self) -> None:
        """Let go of everything; never raises."""


@dataclass(frozen=True)
class SourceContext:
    """What sources are made with: where files are relative to, what commands get, and the clocks."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    is_stopped: Callable[[], bool] = lambda: False


@dataclass
class Stopwatch:
    """The time since the last look, and the time of this one."""

    context: SourceContext
    _last: float | None = None

    def lap(self) -> float:
        """Return the seconds since the last lap; 0 for the first."""
        now, last = self.context.clock(), self._last
        self._last = now
        return 0.0 if last is None else now - last

    def stamp(self) -> str:
        """Return the time as text, UTC."""
        return self.context.now().astimezone(UTC).isoformat(timespec="milliseconds")


def rule_for(monitor: Monitor) -> Rule:
    """Return a monitor's rule: its own, or what its source is watched by when it has none.

    Raises:
        ConfigError: It has none, and its source says nothing about one.
    """
    if monitor.rule is not None:
        return monitor.rule
    rule = _OWN_RULES.get(monitor.source)
    if rule is None:
        raise mistake(monitor, "has no rule", f"say when its values break: rule: {{kind: value, limit: {'…'}}}")
    return rule


_OWN_RULES = {
    "http": Rule(kind="up"),
    "command": Rule(kind="up"),
    "log": Rule(kind="none_of"),
    "locks": Rule(kind="value", limit=5.0, windows=1, window="5s", every="2s"),
    "sessions": Rule(kind="value", limit=60.0, windows=1, window="5s"),
    "pool": Rule(kind="value", limit=90.0),
    "replication": Rule(kind="value", limit=10.0),
    "host": Rule(kind="value", limit=90.0),
}


def option_s(monitor: Monitor, name: str, default: str) -> float:
    """Return an option that is a length of time, in seconds.

    Raises:
        ConfigError: It is none.
    """
    text = monitor.options.get(name, default)
    seconds = seconds_of(text)
    if seconds is None:
        raise mistake(monitor, f"has {name}: {text}", "a length of time is a number with ms, s, m, h or d")
    return seconds


def check_options(monitor: Monitor, *allowed: str) -> None:
    """Refuse options that mean nothing to a source.

    Raises:
        ConfigError: There is one; names what is allowed.
    """
    every = (*allowed, "start_within")
    for name in monitor.options:
        if name not in every:
            raise mistake(monitor, f"has an option {name}", f"a source {monitor.source} knows {', '.join(every)}")


def mistake(monitor: Monitor, what: str, cause: str) -> ConfigError:
    """Return an error about how a monitor is written."""
    return ConfigError(
        f"the monitor {monitor.name} {what}",
        where=f"monitors: {monitor.name}",
        cause=cause,
        state="nothing was begun",
        hint="correct it, then lockgate monitor test",
    )
