"""What a run says of itself: metrics with few labels, spans of one trace; a failing exporter never matters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lockgate.model.procedure import EntryType
from lockgate.monitor.own_metrics import MetricsFile, metrics_text
from lockgate.monitor.own_spans import Spans, open_spans
from lockgate.runbook.record import Record


def write_run(folder: Path, *observers: Any) -> Record:
    """Write the journal of a small run."""

    def tell(entry):
        for observer in observers:
            observer.observe(entry)

    record = Record(folder, observe=tell)
    record.append(EntryType.RUN_STARTED, {"runbook": 'orders "v2"', "target": "prod", "digest": "d1"})
    record.append(EntryType.PHASE_STARTED, {"title": "Execute", "risk": "high"}, phase="3")
    record.append(EntryType.TASK_STARTED, {"action": "apply", "title": "Stage 1", "attempt": 1}, phase="3", task="3.2")
    record.append(
        EntryType.EFFECT, {"what": "lock_wait", "id": "3.2", "facts": {"seconds": 0.4}}, phase="3", task="3.2"
    )
    record.append(EntryType.TASK_ENDED, {"state": "done", "duration_s": 7.5}, phase="3", task="3.2")
    record.append(EntryType.TASK_STARTED, {"action": "sh", "title": "Tests"}, phase="3", task="3.3")
    record.append(
        EntryType.TASK_ENDED, {"state": "failed", "duration_s": 2.0, "message": "2 failed"}, phase="3", task="3.3"
    )
    record.append(EntryType.GATE, {"gate": "gate-3", "decision": "stop", "results": []}, phase="3")
    record.append(EntryType.PHASE_ENDED, {"outcome": "fail"}, phase="3")
    record.append(EntryType.RUN_ENDED, {"status": "stopped", "message": "gate-3 is closed"})
    record.close()
    return record


def test_metrics_tell_state_durations_gates_and_lock_waits(tmp_path: Path) -> None:
    path = tmp_path / "lockgate.prom"
    file = MetricsFile(path)
    record = write_run(tmp_path / "run", file)
    text = metrics_text(record.entries)
    assert path.read_text() == text
    labels = 'runbook="orders \\"v2\\"",target="prod"'
    assert f'lockgate_run_state{{{labels},state="stopped"}} 1' in text
    assert f'lockgate_run_state{{{labels},state="running"}} 0' in text
    assert f'lockgate_gate_result{{{labels},gate="gate-3",result="stop"}} 1' in text
    step = f'lockgate_step_duration_seconds_bucket{{{labels},action="apply",state="done"'
    assert f'{step},le="5"}} 0' in text
    assert f'{step},le="15"}} 1' in text
    assert f'lockgate_step_duration_seconds_sum{{{labels},action="sh",state="failed"}} 2' in text
    assert f'lockgate_lock_wait_seconds_bucket{{{labels},le="1"}} 1' in text
    assert f"lockgate_lock_wait_seconds_sum{{{labels}}} 0.4" in text


def test_a_metrics_file_that_cannot_be_written_keeps_nobody(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path / "not there" / "x.prom")
    assert len(write_run(tmp_path / "run", file).entries) == 10
    assert "No such file" in file.problem


def test_a_run_is_one_trace_of_run_phase_and_tasks(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    spans = Spans("20260101-orders-abcdef", exporter)
    write_run(tmp_path / "run", spans)
    spans.close()
    found = {span.name.partition(":")[0]: span for span in exporter.get_finished_spans()}
    assert set(found) == {'orders "v2"', "phase 3", "task 3.2", "task 3.3"}
    run, phase, failed = found['orders "v2"'], found["phase 3"], found["task 3.3"]
    assert phase.parent is not None
    assert phase.parent.span_id == run.context.span_id
    assert failed.parent is not None
    assert failed.parent.span_id == phase.context.span_id
    assert (failed.status.status_code.name, failed.status.description) == ("ERROR", "2 failed")
    assert run.attributes is not None
    assert run.attributes["lockgate.status"] == "stopped"
    assert [event.name for event in phase.events] == ["gate"]
    again = InMemorySpanExporter()
    second = Spans("20260101-orders-abcdef", again)
    write_run(tmp_path / "again", second)
    second.close()
    assert again.get_finished_spans()[0].context.trace_id == run.context.trace_id


class Broken(SpanExporter):
    """An exporter that breaks."""

    def export(self, spans: Sequence[Any]) -> SpanExportResult:
        raise RuntimeError("the collector is gone")


def test_a_broken_exporter_keeps_nobody(tmp_path: Path) -> None:
    spans = Spans("r", Broken())
    assert len(write_run(tmp_path / "run", spans).entries) == 10
    spans.close()


def test_spans_are_off_unless_asked_for() -> None:
    assert open_spans("r", {}) is None
    spans = open_spans("r", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert spans is not None
    spans.close()
