"""What whoever starts a run may choose, and how a run ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lockgate.model.outcome import Waiver
from lockgate.model.procedure import RunStatus


@dataclass
class Wish:
    """What was asked of a run while it is at work: 1 stops after the running task, 2 cancels it."""

    count: int = 0
    exit_code: int = 130

    @property
    def is_stop(self) -> bool:
        """Whether nothing new may begin."""
        return self.count > 0

    @property
    def is_cancel(self) -> bool:
        """Whether the running task is to end now."""
        return self.count > 1


@dataclass(frozen=True)
class EngineOptions:
    """How a run goes.

    ``only_phase``, ``until`` (the last task, gate or phase to do) and ``start_from`` are ids, empty when not chosen.
    ``is_waiting``: wait here for people, windows and data; else the run ends with what it waits for. ``wish`` is what
    Ctrl-C changes. ``facts`` are handed to checks. ``admitted`` is the body of the entry on what let the run begin.
    ``waivers`` returns the waivers that hold now. ``is_verifying`` False leaves the checks after tasks out (a
    deviation, never on a protected target); ``window_override`` is who lets it run outside its window, and why.
    """

    folder: Path
    environ: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    only_phase: str = ""
    until: str = ""
    start_from: str = ""
    is_dry_run: bool = False
    is_waiting: bool = False
    wish: Wish = field(default_factory=Wish)
    facts: Mapping[str, Any] = field(default_factory=dict)
    admitted: Mapping[str, Any] = field(default_factory=dict)
    started: Mapping[str, Any] = field(default_factory=dict)
    waivers: Callable[[], Sequence[Waiver]] = tuple
    is_verifying: bool = True
    window_override: str = ""
    deviations: Sequence[tuple[str, str]] = ()
    tell: Callable[[str], None] = lambda text: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    poll_s: float = 1.0
    bake: str = ""
    actor: str = ""
    resumer: str = ""
    default_timeout_s: float = 14400.0
    hold_limit_s: float = 1800.0


@dataclass(frozen=True)
class Ending:
    """How a run ended, or where it rests: the status, in words, the next command, and the exit code."""

    status: RunStatus
    message: str
    hint: str = ""
    exit_code: int = 0


class Stop(Exception):
    """The run ends or rests here; carries its ending out of whatever was at work."""

    def __init__(self, status: RunStatus, message: str, *, hint: str = "", exit_code: int = 4) -> None:
        super().__init__(message)
        self.ending = Ending(status, message, hint, exit_code)
