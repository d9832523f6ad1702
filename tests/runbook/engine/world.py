"""A world of plain functions over real files for tests of the state machine: every effect is a line in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lockgate.gate.base import Answer, CheckContext
from lockgate.gate.evaluate_manual import evaluate_manual
from lockgate.model.outcome import Evidence, FailureClass, Outcome, RollbackLevel
from lockgate.model.procedure import Entry, EntryType, TaskState
from lockgate.monitor.base import Breach, Decision, Hold
from lockgate.runbook.base import Done, Effect, LevelAsk, TaskContext, World
from lockgate.runbook.engine import Ending, EngineOptions, run
from lockgate.runbook.engine.options import Wish
from lockgate.runbook.lock import compile_lock
from lockgate.runbook.read import parse_runbook
from lockgate.runbook.record import Record
from lockgate.runbook.sh import perform_manual

OUTCOMES = {"ok": Outcome.OK, "fail": Outcome.FAIL, "unknown": Outcome.UNKNOWN}


@dataclass
class Watch:
    """A watcher that says what the test tells it to."""

    breaches: list[Breach] = field(default_factory=list)
    silent: list[Hold] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.calls.append("begin")

    def close(self) -> None:
        self.calls.append("close")

    def breach(self) -> Breach | None:
        return self.breaches[0] if self.breaches else None

    def acknowledge(self, breach: Breach) -> None:
        self.breaches.remove(breach)

    def holds(self) -> tuple[Hold, ...]:
        return tuple(self.silent)

    def decisions(self) -> Mapping[str, Decision]:
        return {}

    def mark(self, label: str) -> None:
        self.calls.append(label)


class Clock:
    """Time that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.s = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 4, 10, 0, tzinfo=UTC) + timedelta(seconds=self.s)

    def sleep(self, seconds: float) -> None:
        self.s += seconds


@dataclass
class Stage:
    """A folder with a runbook, what its commands leave behind, and the runs of it.

    A command is a word: ``ok``, ``fail``, ``unknown``; what it does is a line in ``effects.txt``. A check is the name
    of a file whose text is its outcome (``ok`` where there is none). ``script`` changes what single tasks do.
    """

    folder: Path
    text: str
    script: dict[str, list[str]] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    clock: Clock = field(default_factory=Clock)
    wish: Wish = field(default_factory=Wish)
    take_back_state: TaskState = TaskState.DONE
    told: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    run_name: str = "20260304-t-000001"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = compile_lock(parse_runbook(self.text, "t.yaml").runbook, self.folder, target="t")

    @property
    def run_folder(self) -> Path:
        return self.folder / "runs" / self.run_name

    @property
    def effects(self) -> list[str]:
        path = self.folder / "effects.txt"
        return path.read_text().split() if path.exists() else []

    def set(self, check: str, outcome: str) -> None:
        """Say what a check finds from now on."""
        (self.folder / f"{check}.check").write_text(outcome)

    def record(self, **more: Any) -> Record:
        """Open the journal."""
        return Record(self.run_folder, now=self.clock.now, clock=lambda: self.clock.s, actor="tester", **more)

    def go(self, **options: Any) -> Ending:
        """Run, or go on."""
        record = self.record()
        try:
            return run(self.lock, self.world(record), record, self.options(**options))
        finally:
            record.close()

    def options(self, **more: Any) -> EngineOptions:
        """Return options with a clock that does not wait."""
        return EngineOptions(
            **{
                "folder": self.folder,
                "environ": {"PATH": "/usr/bin:/bin"},
                "now": self.clock.now,
                "clock": lambda: self.clock.s,
                "sleep": self.clock.sleep,
                "tell": self.told.append,
                "wish": self.wish,
                "actor": "tester",
                **more,
            }
        )

    def decide(self, what: str, subject: str, **body: Any) -> str:
        """Take a person's decision while nothing is at work; returns why it was refused."""
        from lockgate.model.procedure_state import fold
        from lockgate.runbook.engine.inbox import write_decision

        record = self.record()
        try:
            whole = {"what": what, "subject": subject, "by": "anna", "reason": "because", **body}
            return write_decision(record, fold(self.lock.runbook, record.entries), whole)
        finally:
            record.close()

    def entries(self) -> Sequence[Entry]:
        """Return the journal."""
        from lockgate.runbook.record import read_entries

        return read_entries(self.run_folder)

    def types(self) -> list[str]:
        """Return the kinds of the journal's entries."""
        return [entry.type.value for entry in self.entries()]

    def world(self, record: Record) -> World:
        """Return the functions."""
        kinds = ("sh", "apply", "checkpoint", "rollback", "sql", "backup", "git")
        return World(
            perform={**dict.fromkeys(kinds, self._perform), "manual": perform_manual},
            probe=dict.fromkeys(("apply", "checkpoint", "rollback", "backup", "git"), self._probe),
            evaluate={"file": self._evaluate, "manual": evaluate_manual},
            take_back=self._take_back,
            loss_window=lambda level, to: "2 min of writes",
            watcher=self.watch,
            tell_people=lambda key, when, text: self._tell(record, key, text),
            describe_target=lambda: {"target": "t", "engine": "files"},
        )

    def _perform(self, action: Any, context: TaskContext) -> Done:
        name = context.task.id
        kind = str(type(action).__struct_config__.tag)
        is_revert = context.task.revert is not None and action == context.task.revert
        wanted = self.script.get(f"{name}:revert" if is_revert else name, ["ok"])
        word = wanted.pop(0) if len(wanted) > 1 else wanted[0]
        if kind in ("checkpoint", "backup", "git") and not is_revert:
            context.effect(Effect({"git": "commit"}.get(kind, kind), f"{kind}-{name}"))
        if word == "breach":
            self.watch.breaches.append(Breach("errors", self.script.get("breach", ["schema"])[0], "9/100", "now"))
            assert context.is_stopped()
            return Done(TaskState.FAILED, "cancelled")
        if word == "interrupt":
            self.wish.count += 1
        if word in ("ok", "unknown-done", "interrupt"):
            with open(self.folder / "effects.txt", "a") as file:
                file.write(f"{'-' if is_revert else ''}{name}\n")
        states = {"fail": TaskState.FAILED, "unknown": TaskState.UNKNOWN, "unknown-done": TaskState.UNKNOWN}
        failure_class = FailureClass.CODE if kind == "sh" else FailureClass.SCHEMA
        return Done(states.get(word, TaskState.DONE), word, failure_class=failure_class)

    def _probe(self, action: Any, context: TaskContext) -> TaskState:
        wanted = self.script.get(f"{context.task.id}:probe")
        if wanted:
            return TaskState(wanted[0])
        return TaskState.DONE if context.task.id in self.effects else TaskState.PENDING

    def _evaluate(self, check: Any, context: CheckContext) -> Answer:
        path = self.folder / f"{check.path}.check"
        word = path.read_text() if path.exists() else "ok"
        outcome, _, klass = word.partition(" ")
        return Answer(OUTCOMES[outcome], "ok", word, failure_class=FailureClass(klass or "schema"))

    def _take_back(self, ask: LevelAsk, context: TaskContext) -> Done:
        with open(self.folder / "effects.txt", "a") as file:
            file.write(f"back:{ask.level.value}:{ask.to}\n")
        return Done(self.take_back_state, f"to {ask.to}")

    def _tell(self, record: Record, key: str, text: str) -> None:
        for entry in record.entries:
            if entry.type is EntryType.NOTIFIED and entry.body["key"] == key:
                return
        record.append(EntryType.NOTIFIED, {"key": key, "channel": "c", "message": text, "is_delivered": True})
        self.sent.append(key)


NO_EVIDENCE: tuple[Evidence, ...] = ()
LEVELS = tuple(RollbackLevel)
