"""Makes a run's folder for the tests: a lock, and a journal written by `Record` with a clock of its own."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from lockgate.model import codec
from lockgate.model.outcome import CheckResult, Evidence, FailureClass, Outcome, Waiver
from lockgate.model.procedure import Entry, EntryType
from lockgate.model.runbook import Runbook
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.record import Record

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
RUN = "20260303-shop-abcdef"

RUNBOOK = """
runbook: shop
title: Shop sync
version: "2.0"
summary: Bring the shop up to date.
claimed_status: [READY FOR EXECUTION]
approvals: {quorum: 1, items: [{text: QA review, claimed: true}]}
contacts: [{name: On call, notify: team}, {name: Somebody}]
monitors:
- {name: errors, source: log, query: a.log, rule: {kind: rate, limit: 0.01}}
levels:
- {level: schema, number: "2", title: Back to the checkpoint}
phases:
- id: "1"
  title: Pre-flight
  risk: low
  estimate: 1h
  objectives: [Nothing differs, Everybody knows]
  tasks:
  - id: "1.1"
    title: Measure drift
    do: {drift: {}}
    verify: [{drift: none}]
    estimate: 1m
    objectives: [Nothing differs]
  - {id: "1.2", title: Review it, do: {manual: read it}}
  gate: {id: gate-1, checks: [{tests: no_worse_than_baseline, title: types}, {http: "http://localhost/"}]}
- id: "2"
  title: Execution
  risk: high
  estimate: 2h
  tasks:
  - {id: "2.1", title: Backup, do: {backup: {}}}
  - {id: "2.2", title: Checkpoint, do: {checkpoint: c}}
  - {id: "2.3", title: Indexes, do: {sh: "true"}, roadmap: [X]}
"""


def result(check: str, outcome: Outcome, found: str = "0", kind: str = "http", **more: Any) -> CheckResult:
    """Return what a check found."""
    return CheckResult(
        check=check,
        kind=kind,
        title=more.pop("title", check),
        outcome=outcome,
        expected=more.pop("expected", "0"),
        found=found,
        failure_class=FailureClass.SERVICE,
        at=START.isoformat(),
        **more,
    )


def waiver(check: str, until: str = "2027-01-01T00:00:00+00:00", reason: str = "known") -> Waiver:
    """Return a waiver by Ada."""
    return Waiver(check=check, by="Ada", role="lead", reason=reason, until=until, at=START.isoformat())


class Maker:
    """Writes entries as the engine would; the clock goes on a second with each."""

    def __init__(self, folder: Path, text: str = RUNBOOK) -> None:
        self.runbook: Runbook = parse_runbook(text, "shop.yaml").runbook
        self.folder = folder / "procedures" / RUN
        self.folder.mkdir(parents=True)
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        lock = {"runbook": msgspec.to_builtins(self.runbook), "digest": "d" * 64, "folder": str(self.home)}
        (self.folder / "lock.json").write_bytes(codec.encode(lock))
        ticks = itertools.count()
        self.jump = timedelta()
        self.record = Record(
            self.folder, now=lambda: START + self.jump + timedelta(seconds=next(ticks)), clock=lambda: 0.0, actor="Ada"
        )

    def write(self, kind: EntryType, body: Mapping[str, Any] | None = None, **more: str) -> Entry:
        return self.record.append(kind, dict(body or {}), **more)

    def start(self, **more: Any) -> None:
        body = {"run": RUN, "runbook": "shop", "title": self.runbook.title, "digest": "d" * 64, "target": "prod"}
        self.write(EntryType.RUN_STARTED, {**body, "engine": "sqlite", "server": "3.45", "tool_version": "0", **more})

    def phase(self, name: str, duration_s: float = 60.0, *, is_end: bool = False, outcome: str = "ok") -> None:
        kind = EntryType.PHASE_ENDED if is_end else EntryType.PHASE_STARTED
        self.write(kind, {"outcome": outcome, "duration_s": duration_s} if is_end else {}, phase=name)

    def task(
        self,
        name: str,
        state: str = "done",
        *checks: CheckResult,
        evidence: tuple[Evidence, ...] = (),
        took: float = 3.0,
    ) -> None:
        where = {"phase": name.partition(".")[0], "task": name}
        self.write(EntryType.TASK_STARTED, {"action": "sh", "attempt": 1}, **where)
        body = {"state": state, "message": f"{name} {state}", "duration_s": took, "evidence": list(evidence)}
        self.write(EntryType.TASK_ENDED, body, **where)
        if checks:
            self.write(EntryType.CHECKED, {"place": f"{name}/verify", "results": list(checks)}, **where)

    def decide(self, what: str, subject: str, **more: Any) -> None:
        self.write(EntryType.DECIDED, {"what": what, "subject": subject, "by": "Ada", "reason": "because", **more})

    def gate(self, decision: str = "open", *results: CheckResult) -> None:
        self.write(EntryType.GATE, {"gate": "gate-1", "results": list(results), "decision": decision}, phase="1")

    def effect(self, what: str, id_: str, task: str = "", **facts: Any) -> None:
        self.write(EntryType.EFFECT, {"what": what, "id": id_, **facts}, task=task)

    def end(self, status: str) -> None:
        self.write(EntryType.RUN_ENDED, {"status": status, "message": ""})

    def first_phase(self, *results: CheckResult, types: str = "249 (baseline 249)") -> None:
        """Write a first phase that goes well; ``results`` stand for those of its gate."""
        self.phase("1")
        self.task("1.1", "done", result("1.1/verify/1", Outcome.OK, "0 differences", kind="drift"))
        self.decide("attest", "1.2")
        self.task("1.2")
        found = results or (
            result("gate-1/1", Outcome.OK, types, kind="tests", title="types"),
            result("gate-1/2", Outcome.OK, "200"),
        )
        self.gate("open", *found)
        self.phase("1", is_end=True)

    def second_phase(self) -> None:
        """Write a second phase that goes well."""
        self.phase("2")
        self.task("2.1")
        self.effect("backup", "b-1", "2.1", level="schema", snapshot_at="2026-03-03T09:00:10Z")
        self.task("2.2")
        self.effect("checkpoint", "cp-1", "2.2", name="c")
        self.task("2.3")
        self.phase("2", is_end=True)

    def green(self) -> Maker:
        """Write a run in which all went well."""
        self.start()
        self.first_phase()
        self.second_phase()
        self.end("complete")
        return self
