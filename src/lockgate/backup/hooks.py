"""The application around a restore: its state is recorded, it is stopped, and the recorded state is put back."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lockgate.errors import BackupFailed

Tell = Callable[[str], None]
_MOST = 4096
_TRIES, _PAUSE_S = 5, 1.0


@dataclass(frozen=True)
class Hooks:
    """The commands of ``[backup.hooks]``: ``state`` prints how the application runs (``3`` instances), ``stop`` stops
    it, ``start`` starts it as it was: the recorded state stands in ``LOCKGATE_APP_STATE``. All are run by ``sh -c``."""

    commands: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 600.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def is_given(self) -> bool:
        """Whether the application can be stopped."""
        return "stop" in self.commands

    def read_state(self, about: Mapping[str, str]) -> str:
        """Return what the state hook prints; empty without one.

        Raises:
            BackupFailed: It failed, or printed nothing.
        """
        if "state" not in self.commands:
            return ""
        found = self._run("state", about).strip()
        if not found:
            raise _failed("state", self.commands["state"], "it printed nothing, so the state could not be put back")
        return found[:_MOST]

    def stop(self, about: Mapping[str, str], state: str) -> None:
        """Stop the application."""
        self._run("stop", {**about, "LOCKGATE_APP_STATE": state})

    def start(self, about: Mapping[str, str], state: str) -> str:
        """Start it as it was recorded; return what became of it, for people.

        Raises:
            BackupFailed: The command failed.
        """
        if "start" not in self.commands:
            return "stopped: there is no start hook" if self.is_given else ""
        self._run("start", {**about, "LOCKGATE_APP_STATE": state})
        if "state" not in self.commands:
            return "started"
        found = ""
        for attempt in range(_TRIES):
            if attempt:
                self.sleep(_PAUSE_S)
            found = self.read_state(about)
            if found == state:
                return f"started, its state is {state} as before"
        return f"started, but its state is {found}; it was {state} before"

    def _run(self, name: str, about: Mapping[str, str]) -> str:
        command = self.commands[name]
        try:
            done = subprocess.run(
                ["sh", "-c", command],
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                env={**os.environ, **about},
                timeout=self.timeout_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            why = f"it ran for more than {self.timeout_s:g} s" if isinstance(error, subprocess.TimeoutExpired) else ""
            raise _failed(name, command, why or str(error)) from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise _failed(name, command, f"exit code {done.returncode}: {last[:200]}")
        return done.stdout


def _failed(name: str, command: str, cause: str) -> BackupFailed:
    return BackupFailed(f"the {name} hook failed", where=f"backup.hooks.{name}: {command}", cause=cause)
