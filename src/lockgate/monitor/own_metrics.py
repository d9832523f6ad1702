"""What a run says of itself to Prometheus, folded from its journal: text, a file for the node exporter, or an address.

Labels are few: names of runbooks, gates and kinds of task, never ids of runs or words of errors. An observer that
fails, fails alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lockgate.model.procedure import Entry, EntryType, RunStatus

_BUCKETS_S = (0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_STATES = {
    EntryType.RUN_STARTED: RunStatus.RUNNING,
    EntryType.RESUMED: RunStatus.RUNNING,
    EntryType.WAITING: RunStatus.WAITING,
    EntryType.WAITED: RunStatus.RUNNING,
    EntryType.HELD: RunStatus.HELD,
    EntryType.RELEASED: RunStatus.RUNNING,
    EntryType.ROLLBACK_STARTED: RunStatus.ROLLING_BACK,
    EntryType.ROLLBACK_ENDED: RunStatus.RUNNING,
    EntryType.INTERRUPTED: RunStatus.INTERRUPTED,
}


def metrics_text(entries: Iterable[Entry]) -> str:
    """Return a run's metrics in Prometheus' text format."""
    metrics = _Metrics()
    for entry in entries:
        metrics.add(entry)
    return metrics.text()


class MetricsFile:
    """An observer of a journal that keeps a ``.prom`` file up to date, whole at any moment."""

    def __init__(self, path: Path, entries: Sequence[Entry] = ()) -> None:
        self._path, self.problem = path, ""
        self._metrics = _Metrics()
        for entry in entries:
            self._metrics.add(entry)

    def observe(self, entry: Entry) -> None:
        """Take in an entry and write the file; a disk that refuses is remembered in ``problem`` and keeps nobody."""
        self._metrics.add(entry)
        part = self._path.with_name(self._path.name + ".part")
        try:
            part.write_text(self._metrics.text(), encoding="utf-8")
            os.replace(part, self._path)
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror}"


class _Metrics:
    """The metrics of one run so far."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {"runbook": "", "target": ""}
        self._status = RunStatus.RUNNING
        self._gates: dict[str, str] = {}
        self._steps: dict[tuple[str, str], list[float]] = {}
        self._lock_waits: list[float] = []
        self._actions: dict[str, str] = {}

    def add(self, entry: Entry) -> None:
        """Take in an entry."""
        body = entry.body
        self._status = _STATES.get(entry.type, self._status)
        if entry.type is EntryType.RUN_STARTED:
            self._labels = {name: str(body.get(name, "")) for name in ("runbook", "target")}
        elif entry.type is EntryType.TASK_STARTED:
            self._actions[entry.task] = str(body.get("action", ""))
        elif entry.type is EntryType.TASK_ENDED:
            key = (self._actions.get(entry.task, ""), str(body.get("state", "")))
            self._steps.setdefault(key, []).append(float(body.get("duration_s") or 0.0))
        elif entry.type is EntryType.GATE:
            self._gates[str(body.get("gate", ""))] = str(body.get("decision", ""))
        elif entry.type is EntryType.EFFECT and body.get("what") == "lock_wait":
            facts = body.get("facts")
            seconds = facts.get("seconds") if isinstance(facts, dict) else body.get("seconds")
            self._lock_waits.append(float(seconds or 0.0))
        elif entry.type is EntryType.RUN_ENDED:
            self._status = RunStatus(str(body["status"]))

    def text(self) -> str:
        """Return all of them."""
        lines = ["# HELP lockgate_run_state 1 for the state the newest run is in, 0 for the others."]
        lines.append("# TYPE lockgate_run_state gauge")
        for status in RunStatus:
            labels = _labels({**self._labels, "state": status.value})
            lines.append(f"lockgate_run_state{labels} {int(status is self._status)}")
        lines += [
            "# HELP lockgate_gate_result 1 for what was decided at a gate last.",
            "# TYPE lockgate_gate_result gauge",
        ]
        for gate, decision in self._gates.items():
            labels = _labels({**self._labels, "gate": gate, "result": decision})
            lines.append(f"lockgate_gate_result{labels} 1")
        lines.append("# HELP lockgate_step_duration_seconds How long tasks took.")
        lines.append("# TYPE lockgate_step_duration_seconds histogram")
        for (action, state), times in sorted(self._steps.items()):
            step = {**self._labels, "action": action, "state": state}
            lines += _histogram("lockgate_step_duration_seconds", step, times)
        lines.append("# HELP lockgate_lock_wait_seconds How long the statements of a task waited for locks.")
        lines.append("# TYPE lockgate_lock_wait_seconds histogram")
        lines += _histogram("lockgate_lock_wait_seconds", self._labels, self._lock_waits)
        return "\n".join(lines) + "\n"


def _histogram(name: str, labels: Mapping[str, str], values: Sequence[float]) -> list[str]:
    lines = [
        f"{name}_bucket{_labels({**labels, 'le': f'{most:g}'})} {sum(value <= most for value in values)}"
        for most in _BUCKETS_S
    ]
    lines.append(f"{name}_bucket{_labels({**labels, 'le': '+Inf'})} {len(values)}")
    lines.append(f"{name}_sum{_labels(labels)} {round(sum(values), 3):g}")
    lines.append(f"{name}_count{_labels(labels)} {len(values)}")
    return lines


def _labels(labels: Mapping[str, str]) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inner}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
