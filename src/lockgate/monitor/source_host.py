"""Memory, disk and load of the machine the target is on, where that is this one; never a zero for another."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lockgate.model.runbook import Monitor
from lockgate.monitor.base import Reading
from lockgate.monitor.source import SourceContext, Stopwatch, check_options, mistake, rule_for

_MEMORY = Path("/proc/meminfo")
_KINDS = ("memory", "disk", "load")


class HostSource:
    """``query`` is ``memory`` or ``disk`` (percent in use) or ``load`` (of one minute, for each processor, in percent).

    ``options.path`` is a place on the disk that is meant. ``elsewhere`` is the host the target is on when that is
    not this machine: then nothing is told, and the error says what to write instead.
    """

    def __init__(self, monitor: Monitor, context: SourceContext, elsewhere: str = "", memory: Path = _MEMORY) -> None:
        check_options(monitor, "path")
        if monitor.query not in _KINDS:
            raise mistake(monitor, f"has query: {monitor.query or 'nothing'}", f"allowed are {', '.join(_KINDS)}")
        if rule_for(monitor).kind != "value":
            raise mistake(
                monitor, f"has a rule {rule_for(monitor).kind}", "what a host tells is watched by a rule value"
            )
        self._kind, self._elsewhere, self._memory_file = monitor.query, elsewhere, memory
        self._path = context.folder / monitor.options.get("path", ".")
        self._watch = Stopwatch(context)

    def begin(self) -> Reading:
        """Look for the first time."""
        return self.read()

    def read(self) -> Reading:
        """Look; a machine that is not this one, or does not tell, is no data."""
        window = self._watch.lap()
        if self._elsewhere:
            why = (
                f"the target is on {self._elsewhere}, not on this machine; watch an exporter there: "
                "source: prometheus, options: {url: http://…}, query: 100 * (1 - node_memory_MemAvailable_bytes / …)"
            )
            return Reading(at=self._watch.stamp(), error=why)
        try:
            value, used, total = getattr(self, f"_{self._kind}")()
        except (OSError, ValueError, KeyError) as error:
            return Reading(at=self._watch.stamp(), error=f"this machine does not tell its {self._kind}: {error}")
        return Reading(at=self._watch.stamp(), window_s=window, value=value, bad=used, total=total)

    def evidence(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def close(self) -> None:
        """Nothing is held."""

    def _memory(self) -> tuple[float, float, float]:
        rows = (line.split() for line in self._memory_file.read_text().splitlines())
        kilobytes = {row[0].rstrip(":"): float(row[1]) for row in rows if len(row) > 1}
        total = kilobytes["MemTotal"]
        used = total - kilobytes["MemAvailable"]
        return 100 * used / total, used, total

    def _disk(self) -> tuple[float, float, float]:
        found = shutil.disk_usage(self._path)
        return 100 * found.used / (found.used + found.free), float(found.used), float(found.used + found.free)

    def _load(self) -> tuple[float, float, float]:
        return 100 * os.getloadavg()[0] / (os.cpu_count() or 1), 0.0, 0.0
