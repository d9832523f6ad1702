"""Run a command: up by its exit code, a number by its last line, a rate by two numbers there."""

from __future__ import annotations

import re

from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.source import MOST_LINES, SourceContext, Stopwatch, check_options, mistake, option_s, rule_for
from lockgate.outside.shell import ShellResult, run_shell

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class CommandSource:
    """``query`` is the command; it gets no stdin, the run's environment, and ``timeout`` (10 s)."""

    def __init__(self, monitor: Monitor, context: SourceContext) -> None:
        check_options(monitor, "timeout")
        if not monitor.query:
            raise mistake(monitor, "has no command", "query is the command to run")
        self._command, self._kind, self._context = monitor.query, rule_for(monitor).kind, context
        self._timeout_s = option_s(monitor, "timeout", "10s")
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Run it for the first time."""
        return self.read()

    def read(self) -> Reading:
        """Run it."""
        window = self._watch.lap()
        result = run_shell(
            self._command,
            folder=self._context.folder,
            environment=self._context.environment,
            timeout_s=self._timeout_s,
            is_stopped=self._context.is_stopped,
        )
        at, lines = self._watch.stamp(), tuple(result.output.strip().splitlines()[-MOST_LINES:])
        if result.code is None:
            return Reading(at=at, window_s=window, lines=lines, error=result.error or "it did not end by itself")
        if self._kind == "up":
            why = () if result.is_ok else (f"exit code {result.code}", *lines[-1:])
            return Reading(at=at, window_s=window, is_up=result.is_ok, lines=why)
        if not result.is_ok:
            return Reading(at=at, lines=lines, error=f"exit code {result.code}: {' '.join(lines[-1:])}".rstrip(": "))
        return self._numbers(result, at, window)

    def evidence(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Nothing is held."""

    def _numbers(self, result: ShellResult, at: str, window: float) -> Reading:
        """Read the last line: nothing but numbers with spaces between."""
        last = next(iter(result.output.strip().splitlines()[-1:]), "")
        words = last.split()
        wanted = 2 if self._kind == "rate" else 1
        if len(words) != wanted or not all(_NUMBER.fullmatch(word) for word in words):
            return Reading(at=at, error=f"its last line is not {wanted} number{'s' * (wanted > 1)}: {last[:80]!r}")
        found = [float(word) for word in words]
        if self._kind == "rate":
            return Reading(at=at, window_s=window, value=found[1], bad=found[0], total=found[1])
        return Reading(at=at, window_s=window, value=found[0])
