"""Count lines of a log file: bad ones, bad of all, or the times they tell."""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from datetime import timedelta

from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.log_file import LogFile, time_of_line
from lockgate.monitor.source import MOST_LINES, SourceContext, Stopwatch, check_options, mistake, option_s, rule_for
from lockgate.monitor.words import seconds_of
from lockgate.outside.redact import redact

_TAIL_BYTES = 1 << 20
_UNITS_S = {"s": 1.0, "ms": 0.001, "us": 0.000001}
_LONGEST = 500


class LogSource:
    """``query`` is the file, ``bad`` the pattern of lines that matter, ``total`` of those they are compared with.

    For a quantile the first group of ``bad`` is a duration in ``unit``. ``allow`` of the rule are patterns of lines
    that never count.
    """

    def __init__(self, monitor: Monitor, context: SourceContext) -> None:
        check_options(monitor, "unit", "baseline", "baseline_over")
        self._rule, self._context = rule_for(monitor), context
        if not monitor.query:
            raise mistake(monitor, "names no file", "query is the path of a log file")
        if not monitor.bad:
            raise mistake(monitor, "has no pattern", "bad is the pattern of the lines that matter")
        self._bad = _pattern(monitor, monitor.bad)
        self._total = _pattern(monitor, monitor.total) if monitor.total else None
        self._allow = [_pattern(monitor, text) for text in self._rule.allow]
        self._unit_s = _UNITS_S.get(monitor.options.get("unit", "s"), 1.0)
        self._before_s = option_s(monitor, "baseline_over", "10m")
        self._windows_s = (seconds_of(self._rule.window) or 30.0) * self._rule.windows
        self._file = LogFile(context.folder / monitor.query)
        self._last: deque[str] = deque(maxlen=MOST_LINES)
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Count what was there before: of the lines that tell their time those of the last minutes, else all.

        A rate is that of the last windows; of lines that tell no time it is not known yet, only that the log is there.
        """
        self._watch.lap()
        try:
            lines = self._file.tail(_TAIL_BYTES)
        except OSError as error:
            return self._nothing(error)
        before_s = self._windows_s if self._rule.kind == "rate" else self._before_s
        first = self._context.now() - timedelta(seconds=before_s)
        recent, tells_time, is_recent = [], False, False
        for line in lines:
            written = time_of_line(line)
            if written is not None:
                tells_time, is_recent = True, written >= first
            if is_recent:
                recent.append(line)
        if self._rule.kind == "rate" and not tells_time:
            return dataclasses.replace(self._count([], 0.0), value=float(len(lines)))
        return self._count(recent if tells_time else lines, before_s if tells_time else 0.0)

    def read(self) -> Reading:
        """Count the lines since the last look."""
        window = self._watch.lap()
        try:
            return self._count(self._file.new_lines(), window)
        except OSError as error:
            return self._nothing(error)

    def evidence(self) -> tuple[str, ...]:
        """Return the last lines of the log."""
        return tuple(self._last)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _count(self, lines: list[str], window_s: float) -> Reading:
        shown = [redact(line[:_LONGEST]) for line in lines[-MOST_LINES:]]
        self._last.extend(shown)
        bad = [line for line in lines if self._bad.search(line) and not any(a.search(line) for a in self._allow)]
        is_rate, is_timed = self._rule.kind == "rate", self._rule.kind == "quantile"
        compared = sum(1 for line in lines if self._total.search(line)) if self._total else len(lines)
        return Reading(
            at=self._watch.stamp(),
            window_s=window_s,
            value=None if is_timed else float(len(bad)),
            bad=len(bad),
            total=compared if is_rate else len(bad),
            samples=self._times(bad) if is_timed else (),
            lines=tuple(redact(line[:_LONGEST]) for line in bad[-MOST_LINES:]),
        )

    def _times(self, lines: list[str]) -> tuple[float, ...]:
        found = (self._bad.search(line) for line in lines)
        times = []
        for match in found:
            if match is not None and match.re.groups:
                try:
                    times.append(float(match[1]) * self._unit_s)
                except (TypeError, ValueError):
                    continue
        return tuple(times)

    def _nothing(self, error: OSError) -> Reading:
        return Reading(at=self._watch.stamp(), error=f"{self._file.path}: {error.strerror or error}")


def _pattern(monitor: Monitor, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise mistake(monitor, f"has a pattern that cannot be read: {text}", str(error)) from None
