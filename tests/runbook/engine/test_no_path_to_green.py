"""No path through the engine turns unknown, skipped or missing into green.

Random runbooks run with random outcomes, words of people, breaches, interruptions, and kills between any two writes of
the journal. What the engine reports is compared with an oracle that reads no journal: it is told by the world itself
what every action and check really answered last.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.gate.base import Answer, CheckContext
from lockgate.gate.evaluate_manual import evaluate_manual
from lockgate.model.outcome import FailureClass, Outcome
from lockgate.model.procedure import Entry, RunStatus, TaskState
from lockgate.monitor.base import Breach
from lockgate.runbook.base import Done, Effect, LevelAsk, TaskContext, World
from lockgate.runbook.engine import run
from lockgate.runbook.record import Record
from lockgate.runbook.sh import perform_manual
from tests.runbook.engine.world import OUTCOMES, Stage

GREEN = {RunStatus.COMPLETE, RunStatus.COMPLETE_WITH_DEFERRALS, RunStatus.COMPLETE_WITH_WAIVERS}


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Truth:
    """What really happened, as the world saw it."""

    last_effect: dict[str, str] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    last_check: dict[str, Outcome] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    waived: set[str] = field(default_factory=set)
    is_taken_back: bool = False
    sent: list[str] = field(default_factory=list)

    def expected(self, text: dict[str, Any]) -> RunStatus | None:
        """Return the word that is earned; None: none of the green ones."""
        left_out = by_word = is_waived = False
        if self.is_taken_back:
            return None
        for phase in text["phases"]:
            for task in phase["tasks"]:
                name = task["id"]
                if self.words.get(name) in ("skip", "defer"):
                    left_out = True
                    continue
                if self.words.get(name) == "resolve:done":
                    by_word |= not task.get("verify")
                elif self.last_effect.get(name) not in ("ok", "looked up"):
                    return None
                for number, _ in enumerate(task.get("verify", ()), 1):
                    verdict = self._verdict(f"{name}/verify/{number}")
                    if verdict is None:
                        return None
                    is_waived |= verdict
            gate = phase.get("gate")
            for number, _ in enumerate(gate["checks"] if gate else (), 1):
                verdict = self._verdict(f"{gate['id']}/{number}")
                if verdict is None:
                    return None
                is_waived |= verdict
            if gate and not gate["checks"]:
                return None
        if left_out:
            return RunStatus.COMPLETE_WITH_DEFERRALS
        return RunStatus.COMPLETE_WITH_WAIVERS if is_waived or by_word else RunStatus.COMPLETE

    def _verdict(self, check: str) -> bool | None:
        """Return whether a check counts as waived; None: it does not count at all."""
        found = self.last_check.get(check)
        if found is Outcome.OK:
            return False
        return True if found is not None and check in self.waived else None


@dataclass
class Chance(Stage):
    """A stage on which everything that happens is drawn."""

    draw: Any = None
    truth: Truth = field(default_factory=Truth)

    def world(self, record: Record) -> World:
        world = super().world(record)
        kinds = ("sh", "apply", "sql", "checkpoint")
        return World(
            **{
                **world.__dict__,
                "perform": {**dict.fromkeys(kinds, self._do), "manual": self._manual},
                "probe": dict.fromkeys(("apply", "checkpoint"), self._look),
                "evaluate": {"file": self._ask, "manual": self._asked_person},
                "take_back": self._back,
            }
        )

    def _do(self, action: Any, context: TaskContext) -> Done:
        name, kind = context.task.id, str(type(action).__struct_config__.tag)
        self.truth.runs[name] = self.truth.runs.get(name, 0) + 1
        self.truth.last_effect[name] = "begun"
        if kind == "checkpoint":
            context.effect(Effect("checkpoint", f"cp-{name}"))
        word = self.draw(st.sampled_from(["ok"] * 16 + ["fail", "fail", "fail", "unknown", "raise", "breach", "stop"]))
        if word == "breach":
            action_word = self.draw(st.sampled_from(["stop", "schema"]))
            self.watch.breaches.append(Breach("m", action_word, "9 of 10", "now"))
            word = "fail"
        if word == "stop":
            self.wish.count += 1
            word = "ok"
        if word == "raise":
            raise Killed
        self.truth.last_effect[name] = word
        states = {"ok": TaskState.DONE, "fail": TaskState.FAILED, "unknown": TaskState.UNKNOWN}
        return Done(states[word], word, failure_class=self.draw(st.sampled_from(list(FailureClass))))

    def _manual(self, action: Any, context: TaskContext) -> Done:
        done = perform_manual(action, context)
        self.truth.last_effect[context.task.id] = "ok" if done.state is TaskState.DONE else "fail"
        return done

    def _look(self, action: Any, context: TaskContext) -> TaskState:
        found = self.draw(st.sampled_from([TaskState.DONE, TaskState.PENDING, TaskState.UNKNOWN]))
        if found is TaskState.DONE:
            self.truth.last_effect[context.task.id] = "looked up"
        return found

    def _ask(self, check: Any, context: CheckContext) -> Answer:
        word = self.draw(st.sampled_from(["ok"] * 12 + ["fail", "unknown"]))
        self.truth.last_check[context.check] = OUTCOMES[word]
        return Answer(OUTCOMES[word], "ok", word, failure_class=self.draw(st.sampled_from(list(FailureClass))))

    def _asked_person(self, check: Any, context: CheckContext) -> Answer:
        answer = evaluate_manual(check, context)
        self.truth.last_check[context.check] = answer.outcome
        return answer

    def _back(self, ask: LevelAsk, context: TaskContext) -> Done:
        self.truth.is_taken_back = True
        if self.draw(st.booleans()):
            return Done(TaskState.DONE, "went back")
        return Done(self.draw(st.sampled_from([TaskState.FAILED, TaskState.UNKNOWN])), "did not")

    def _tell(self, record: Record, key: str, text: str) -> None:
        super()._tell(record, key, text)


@st.composite
def runbooks(draw: Any) -> dict[str, Any]:
    """A runbook of one or two phases."""
    phases = []
    for p in range(draw(st.integers(1, 2))):
        tasks = []
        for t in range(draw(st.integers(0, 3))):
            kind = draw(st.sampled_from(["sh", "apply", "sql", "checkpoint", "manual"]))
            task: dict[str, Any] = {"id": f"{p}.{t}", "title": "x", "do": {kind: "x"}}
            if draw(st.booleans()):
                kinds = ["file", "file", "file", "manual"]
                task["verify"] = [{draw(st.sampled_from(kinds)): f"v{p}{t}"} for _ in range(draw(st.integers(1, 2)))]
            if draw(st.integers(0, 5)) == 0:
                task["on_error"] = draw(st.sampled_from(["revert_task", "revert_phase", "ask"]))
            if draw(st.integers(0, 7)) == 0:
                task["irreversible"] = "it is sent"
            tasks.append(task)
        phase: dict[str, Any] = {"id": str(p), "title": "p", "tasks": tasks}
        if draw(st.booleans()):
            phase["rollback"] = draw(st.sampled_from(["code", "schema", "data"]))
        if draw(st.integers(0, 3)):
            checks = [{draw(st.sampled_from(["file", "file", "manual"])): "g"} for _ in range(draw(st.integers(0, 2)))]
            on_fail = draw(st.sampled_from(["stop", "escalate", "fix", "rollback"]))
            phase["gate"] = {"id": f"g{p}", "on_fail": on_fail, "checks": checks}
        phases.append(phase)
    return {"runbook": "chance", "phases": phases}


def subjects(text: dict[str, Any]) -> Iterator[str]:
    """Everything that people decide on."""
    for phase in text["phases"]:
        for task in phase["tasks"]:
            yield task["id"]
            yield from (f"{task['id']}/verify/{n}" for n, _ in enumerate(task.get("verify", ()), 1))
        if "gate" in phase:
            yield from (f"{phase['gate']['id']}/{n}" for n, _ in enumerate(phase["gate"]["checks"], 1))


def people_speak(stage: Chance, text: dict[str, Any], data: Any) -> None:
    """Let people say something about a few things; note what was taken."""
    failed = [name for name, word in stage.truth.last_effect.items() if word in ("fail", "begun", "unknown")]
    for subject in data.draw(st.lists(st.sampled_from([*failed * 3, *subjects(text), "data", "rollback"]), max_size=5)):
        whats = ["skip", "defer", "retry", "resolve"] if subject in failed else ["attest", "attest", "waive", "approve"]
        what = data.draw(st.sampled_from([*whats, "skip"]))
        outcome = data.draw(st.sampled_from(["done", "not_done"])) if what == "resolve" else ""
        body = {"until": "2027-01-01"} if what == "waive" else {"outcome": outcome} if outcome else {}
        if stage.decide(what, subject, **body):
            continue
        if what in ("skip", "defer", "retry", "resolve"):
            stage.truth.words[subject] = f"{what}:{outcome}" if outcome else what
            stage.truth.again[subject] = stage.truth.again.get(subject, 0) + 1
        if what == "waive":
            stage.truth.waived.add(subject)


@settings(max_examples=70)
@given(text=runbooks(), data=st.data())
def test_what_is_reported_is_what_was_earned(text: dict[str, Any], data: Any) -> None:
    if not list(subjects(text)):
        text["phases"][0]["tasks"] = [{"id": "0.0", "title": "x", "do": {"sh": "x"}}]
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda number: None)
        stage = Chance(Path(place), yaml.safe_dump(text, default_style='"'), draw=data.draw)
        for _ in range(data.draw(st.integers(1, 5))):
            kill_after = data.draw(st.sampled_from([None, None, None, *range(1, 12)]))
            ending = go(stage, kill_after)
            if ending is not None:
                expected = stage.truth.expected(text)
                assert (ending.status in GREEN) <= (ending.status is expected), (ending, expected)
                assert ending.status not in GREEN or ending.exit_code == 0
                assert ending.exit_code != 0 or ending.status in GREEN
            stage.wish.count = 0
            people_speak(stage, text, data)
        for task in (task for phase in text["phases"] for task in phase["tasks"] if "sh" in task["do"]):
            runs = stage.truth.runs.get(task["id"], 0)
            assert runs <= 1 + stage.truth.again.get(task["id"], 0), "a task ran twice that must not"
        assert len(stage.sent) == len(set(stage.sent))


def go(stage: Chance, kill_after: int | None) -> Any:
    """Run once; None when it was killed after so many writes."""
    written = 0

    def observe(entry: Entry) -> None:
        nonlocal written
        written += 1
        if kill_after is not None and written > kill_after:
            raise Killed

    record = stage.record(observe=observe)
    try:
        return run(stage.lock, stage.world(record), record, stage.options())
    except Killed:
        return None
    finally:
        record.close()


@settings(max_examples=25)
@given(text=runbooks(), data=st.data())
def test_where_everything_holds_the_word_is_complete(text: dict[str, Any], data: Any) -> None:
    for phase in text["phases"]:
        if "gate" in phase and not phase["gate"]["checks"]:
            del phase["gate"]
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda number: None)
        stage = Stage(Path(place), yaml.safe_dump(text, default_style='"'))
        for _ in range(30):
            ending = stage.go()
            if ending.status is not RunStatus.WAITING:
                break
            stage.decide("attest", str(stage.entries()[-1].body["subject"]))
        assert ending.status is RunStatus.COMPLETE
