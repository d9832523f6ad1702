"""A run as an OpenTelemetry trace: a span for the run, one for each phase and task; an observer that may fail alone.

Needs the extra ``otel``. It is off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or the one for traces) is set. All processes
that work on one run, after a crash too, share its trace.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lockgate.model.procedure import Entry, EntryType

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_FLUSH_MS = 3000
_EVENTS = {
    EntryType.GATE: ("gate", "decision"),
    EntryType.BREACH: ("monitor", "sentence"),
    EntryType.HELD: ("monitor", "why"),
    EntryType.ROLLBACK_STARTED: ("level", "to"),
    EntryType.ROLLBACK_ENDED: ("level", "state"),
    EntryType.WAITING: ("reason", "subject"),
    EntryType.DECIDED: ("what", "subject"),
}


class Spans:
    """Tells a journal's entries as spans. Give its `observe` to the record, and `close` it at the end."""

    def __init__(self, run: str, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import IdGenerator

        class OneTrace(IdGenerator):
            """The trace's id is made of the run's."""

            def generate_trace_id(self) -> int:
                return int.from_bytes(hashlib.sha256(run.encode()).digest()[:16], "big")

            def generate_span_id(self) -> int:
                return random.getrandbits(64) or 1

        resource = Resource.create({"service.name": "lockgate"})
        self._provider = TracerProvider(resource=resource, id_generator=OneTrace(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("lockgate")
        self._run = run
        self._open: dict[str, Span] = {}
        self._last_ns = 0

    def observe(self, entry: Entry) -> None:
        """Take in an entry. Whatever goes wrong here is of no concern to the run."""
        try:
            self._take(entry)
        except Exception:  # noqa: BLE001 — an observer may fail without effect
            pass

    def close(self) -> None:
        """End what is open and send what is left, within three seconds."""
        try:
            for key in reversed(list(self._open)):
                self._end(key, self._last_ns, is_ok=None)
            self._provider.force_flush(_FLUSH_MS)
            self._provider.shutdown()
        except Exception:  # noqa: BLE001 — an observer may fail without effect
            pass

    def _take(self, entry: Entry) -> None:
        body, at = entry.body, _nanoseconds(entry.ts)
        self._last_ns = at
        if "run" not in self._open:
            self._begin("run", "", str(body.get("runbook", "") or self._run), at, {"lockgate.run": self._run})
        phase, task = f"phase {entry.phase}", f"task {entry.task}"
        if entry.type is EntryType.RUN_STARTED:
            self._open["run"].set_attributes(_attributes(body, "runbook", "target", "digest", "engine"))
        elif entry.type is EntryType.PHASE_STARTED:
            self._begin(phase, "run", f"{phase}: {body.get('title', '')}", at, _attributes(body, "risk"))
        elif entry.type is EntryType.PHASE_ENDED:
            self._end(phase, at, is_ok=None)
        elif entry.type is EntryType.TASK_STARTED:
            self._begin(task, phase, f"{task}: {body.get('title', '')}", at, _attributes(body, "action", "attempt"))
        elif entry.type is EntryType.TASK_ENDED:
            self._end(task, at, is_ok=body.get("state") == "done", message=str(body.get("message", "")))
        elif entry.type in _EVENTS:
            self._inner(entry).add_event(entry.type.value, _attributes(body, *_EVENTS[entry.type]), at)
        elif entry.type is EntryType.RUN_ENDED:
            status = str(body.get("status", ""))
            self._open["run"].set_attribute("lockgate.status", status)
            self._end("run", at, is_ok=status.startswith("complete"), message=status)

    def _inner(self, entry: Entry) -> Span:
        return self._open.get(f"task {entry.task}") or self._open.get(f"phase {entry.phase}") or self._open["run"]

    def _begin(self, key: str, parent: str, name: str, at: int, attributes: Mapping[str, Any]) -> None:
        from opentelemetry.trace import set_span_in_context

        outer = self._open.get(parent) or self._open.get("run")
        context = set_span_in_context(outer) if outer is not None else None
        self._open[key] = self._tracer.start_span(name, context, attributes=dict(attributes), start_time=at)

    def _end(self, key: str, at: int, *, is_ok: bool | None, message: str = "") -> None:
        from opentelemetry.trace import Status, StatusCode

        span = self._open.pop(key, None)
        if span is None:
            return
        if is_ok is not None:
            span.set_status(Status(StatusCode.OK) if is_ok else Status(StatusCode.ERROR, message))
        span.end(at)


def open_spans(run: str, environ: Mapping[str, str], tell: Callable[[str], None] = lambda text: None) -> Spans | None:
    """Return spans for a run where the environment asks for them, else None; a missing extra is only said."""
    if not any(environ.get(name) for name in _ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        tell("no spans are sent: the extra otel is not installed (pip install 'lockgate[otel]')")
        return None
    return Spans(run, OTLPSpanExporter(timeout=2))


def _attributes(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    found = {f"lockgate.{name}": body.get(name) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, str | int | float | bool)}


def _nanoseconds(ts: str) -> int:
    return int(datetime.fromisoformat(ts).timestamp() * 1_000_000) * 1000
