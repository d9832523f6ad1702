"""What a run does about people: its session, its messages, the roadmap, the changelog; and the checks on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lockgate.cli.journals import undelivered
from lockgate.coordinate.registry_folder import FolderRegistry
from lockgate.coordinate.settings import RoadmapSettings, SessionSettings
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.actions import Document, Notify, SessionAction
from lockgate.model.checks import ExitCheck, NotifiedCheck, RoadmapCheck, SessionCheck
from lockgate.model.outcome import Evidence, Outcome
from lockgate.model.procedure import Actor, EntryType, TaskState
from lockgate.model.runbook import Contact, Message, Phase, Runbook, SessionPlan, Task
from lockgate.model.session import SessionState
from lockgate.notify import message as notify_message
from lockgate.notify.settings import NotifySettings, WebhookSettings
from lockgate.runbook.actions_people import build_documents_people, build_perform_people, build_probe_people
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.checks_people import build_evaluate_people
from lockgate.runbook.people import deliver, make_tell_people
from lockgate.runbook.people_tools import PeopleTools
from lockgate.runbook.record import Record
from tests.coordinate.tools import Clock, claim, git, two_clones
from tests.notify.receiver import Receiver, receiving

RUN = "20260304-orders-abcdef"
RUNBOOK = Runbook(
    runbook="orders",
    title="Orders get a total",
    session=SessionPlan(task="SCH-1", claims=("table:orders", "files:drizzle/**"), owner="Ada"),
    contacts=(Contact(name="Operations", notify="team", reach="by phone"),),
    changelog="CHANGELOG.md",
    roadmap="ROADMAP.md",
    phases=(
        Phase(
            id="0",
            title="Pre-flight",
            tasks=(
                Task(id="0.0", title="Register"),
                Task(id="0.1", title="Look", roadmap=("SCH-1",), verify=(ExitCheck(),)),
            ),
        ),
        Phase(id="1", title="Change", tasks=(Task(id="1.0", title="Contract", roadmap=("SCH-2",)),)),
    ),
)
ROADMAP = "".join(
    f"### {name}: words\n**Status:** ready\n**Priority:** LOW\n**Estimate:** 1h\n\n" for name in ("SCH-1", "SCH-2")
)


class Stand:
    """A run's folder with its journal, and everything about people."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder, self.clock = folder, Clock()
        self.registry = FolderRegistry(folder / "registry")
        self.record = Record(folder / "procedures" / RUN)
        self.tools = PeopleTools(
            folder=folder,
            state_dir=folder / ".lockgate",
            actor=Actor(name="ada", host="h"),
            open_registry=lambda: self.registry,
            resolve=lambda text, where: text.replace("${env:S}", "secret-of-hook"),
            target="shop",
            runbook=RUNBOOK,
            session=SessionSettings(docs="docs"),
            roadmap=RoadmapSettings(),
            notify=NotifySettings(
                channels={"dead": ("json://127.0.0.1:9/",)},
                webhooks={"team": WebhookSettings(receiver.url, "${env:S}")},
                retries=0,
            ),
            now=self.clock.now,
            new_hex=self.clock.hex6,
        )

    def context(self, task: str = "0.0") -> TaskContext:
        def effect(item: Any) -> None:
            self.record.append(EntryType.EFFECT, {"what": item.what, "id": item.id, **item.facts}, task=task)

        return TaskContext(
            runbook=RUNBOOK,
            task=next(item for item in RUNBOOK.tasks if item.id == task),
            run=RUN,
            folder=self.folder,
            run_folder=self.record.folder,
            environment={},
            values={},
            entries=self.record.entries,
            keep=lambda name, data: Evidence(name=name),
            effect=effect,
            tell=lambda text: None,
            is_stopped=lambda: False,
            timeout_s=10,
        )

    def perform(self, action: Any) -> Done:
        kind = str(type(action).__struct_config__.tag)
        found = build_documents_people(self.tools)[action.make] if kind == "document" else None
        return (found or build_perform_people(self.tools)[kind])(action, self.context())

    def ask(self, check: Any) -> Answer:
        kind = str(type(check).__struct_config__.tag)
        return build_evaluate_people(self.tools)[kind](
            check,
            CheckContext(
                folder=self.folder,
                environment={},
                started={},
                keep=lambda name, data: Evidence(name=name),
                entries=self.record.entries,
            ),
        )

    def end_task(self, task: str, state: TaskState) -> None:
        phase = task.split(".")[0]
        self.record.append(EntryType.TASK_STARTED, {"title": f"Task {task}"}, phase=phase, task=task)
        self.record.append(EntryType.TASK_ENDED, {"state": state.value}, phase=phase, task=task)

    def verify_task(self, task: str, outcome: Outcome) -> None:
        results = [{"check": f"{task}/verify/1", "outcome": outcome.value}]
        self.record.append(EntryType.CHECKED, {"place": f"{task}/verify", "results": results}, task=task)

    def tell(self) -> Callable[[str, str, str], None]:
        return make_tell_people(self.tools, RUNBOOK, RUN, self.record)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def stand(tmp_path: Path, receiver: Receiver) -> Iterator[Stand]:
    found = Stand(tmp_path, receiver)
    yield found
    found.record.close()


def test_a_run_registers_once_and_the_check_sees_it_in_the_registry(stand: Stand) -> None:
    assert stand.ask(SessionCheck(is_="registered")).outcome is Outcome.FAIL

    done = stand.perform(SessionAction(do="start"))
    again = stand.perform(SessionAction(do="start"))

    assert done.state is again.state is TaskState.DONE and len(stand.registry.read()) == 1
    session = stand.registry.read()[0]
    assert (session.owner, session.run, session.target) == ("Ada", RUN, "shop")
    assert [step.title for step in session.progress] == ["Phase 0: Pre-flight", "Phase 1: Change"]
    assert stand.ask(SessionCheck(is_="registered", claims=("table:orders",))).outcome is Outcome.OK
    assert stand.ask(SessionCheck(is_="registered", claims=("table:others",))).outcome is Outcome.FAIL
    stand.clock.move(hours=5)
    assert stand.ask(SessionCheck(is_="registered")).found.endswith("is expired")


def test_somebody_who_claims_the_same_after_the_task_closes_the_gate_by_name(stand: Stand) -> None:
    assert stand.ask(SessionCheck(is_="no-conflict")).outcome is Outcome.OK
    other = claim(stand.registry, stand.clock, "OTHER", "column:orders.total", who="grace").session

    answer = stand.ask(SessionCheck(is_="no-conflict"))

    assert answer.outcome is Outcome.FAIL and other.id in answer.found and "grace" in answer.found
    assert stand.perform(SessionAction(do="start")).state is TaskState.FAILED
    stand.clock.move(hours=5)
    late = stand.ask(SessionCheck(is_="no-conflict"))
    assert late.outcome is Outcome.OK and "has expired" in late.items[0]


def test_closing_archives_ticks_progress_and_commits_once(tmp_path: Path, receiver: Receiver) -> None:
    one, _ = two_clones(tmp_path)
    stand = Stand(one, receiver)
    (one / ".gitignore").write_text("registry\nprocedures\n.lockgate\n")
    (one / "drizzle").mkdir()
    stand.perform(SessionAction(do="start"))
    (one / "drizzle/0050.sql").write_text("-- new\n")
    (one / "mine.txt").write_text("not claimed\n")
    stand.end_task("0.1", TaskState.DONE)
    stand.verify_task("0.1", Outcome.OK)
    stand.record.append(EntryType.PHASE_ENDED, {"outcome": "ok"}, phase="0")
    stand.record.append(EntryType.DECIDED, {"what": "defer", "subject": "1.0", "reason": "later"}, task="1.0")
    assert stand.ask(SessionCheck(is_="archived")).outcome is Outcome.FAIL

    before = git(one, "rev-list", "--count", "HEAD")
    done = stand.perform(SessionAction(do="close"))
    again = stand.perform(SessionAction(do="close"))

    assert done.state is again.state is TaskState.DONE and "nothing was done" in again.message
    assert int(git(one, "rev-list", "--count", "HEAD")) == int(before) + 1
    message = git(one, "log", "-1", "--format=%B")
    assert "- 0.1 Look" in message and "- deferred: 1.0" in message and "archived" in message
    name = stand.registry.read()[0].id
    files = git(one, "show", "--name-only", "--format=").split()
    assert sorted(files) == ["docs/ACTIVE_SESSIONS.md", f"docs/sessions/completed/{name}.md", "drizzle/0050.sql"]
    text = (one / f"docs/sessions/completed/{name}.md").read_text()
    assert "- [x] Phase 0: Pre-flight" in text and "- [ ] Phase 1: Change" in text
    assert stand.ask(SessionCheck(is_="archived")).outcome is Outcome.OK
    assert build_probe_people(stand.tools)["session"](SessionAction(do="close"), stand.context()) is TaskState.DONE
    stand.record.close()


def test_each_phase_is_told_once_also_after_a_crash_and_the_session_lives(stand: Stand, receiver: Receiver) -> None:
    stand.perform(SessionAction(do="start"))
    stand.clock.move(hours=3)
    stand.record.append(EntryType.PHASE_ENDED, {"outcome": "ok", "duration_s": 90}, phase="0")
    stand.tell()("phase:0", "during", "phase 0 ended")
    stand.tell()("phase:0", "during", "phase 0 ended")
    assert stand.record.entries.pop().type is EntryType.NOTIFIED
    stand.tell()("phase:0", "during", "phase 0 ended")

    assert [json.loads(got.body)["key"] for got in receiver.got] == [f"{RUN}/phase:0"]
    assert "Duration: 1 min 30 s" in json.loads(receiver.got[0].body)["text"]
    file = next((stand.folder / "docs/sessions/active").glob("*.md"))
    assert "- [x] Phase 0: Pre-flight\n- [ ] Phase 1: Change" in file.read_text()
    body = stand.record.entries[-1].body
    assert (body["channel"], body["is_delivered"]) == ("team", True)
    stand.clock.move(hours=3)
    assert stand.ask(SessionCheck(is_="registered")).outcome is Outcome.OK


def test_a_breach_goes_to_the_contacts_and_to_channels_of_its_messages(stand: Stand, receiver: Receiver) -> None:
    runbook = Runbook(
        runbook="orders",
        messages=(
            Message(text="call the lead", when="breach", channel="team"),
            Message(text="x", when="breach", channel="dead"),
        ),
    )
    make_tell_people(stand.tools, runbook, RUN, stand.record)("breach:1", "breach", "6/412 = 1.46 % is above 1 %")

    told = json.loads(receiver.got[0].body)
    assert told["severity"] == "failure" and "call the lead" in told["text"] and "6/412" in told["title"]
    by_channel = {entry.body["channel"]: entry.body for entry in stand.record.entries}
    assert not by_channel["dead"]["is_delivered"] and "team" in by_channel


def test_a_run_that_fails_frees_what_it_claimed_and_says_so(stand: Stand, receiver: Receiver) -> None:
    stand.perform(SessionAction(do="start"))
    stand.record.append(EntryType.DEVIATION, {"what": "skip", "text": "0.1 skipped by Ada: not needed"})
    stand.tell()("after", "after", "rolled back: gate-0 is closed")

    assert stand.registry.read()[0].state is SessionState.ABANDONED
    assert claim(stand.registry, stand.clock, "OTHER", "table:orders").session.task == "OTHER"
    assert stand.record.entries[-1].body["state"] == "abandoned"
    told = json.loads(receiver.got[0].body)
    assert told["severity"] == "warning" and f"lockgate report build {RUN}" in told["text"]
    assert "Deviations: 0.1 skipped by Ada: not needed" in told["text"] and "Duration: " in told["text"]


def test_a_channel_without_a_record_is_unknown_one_that_failed_is_a_failure(stand: Stand) -> None:
    assert stand.ask(NotifiedCheck(channel="team")).outcome is Outcome.UNKNOWN
    done = stand.perform(Notify(channel="dead", message="we begin"))
    assert done.state is TaskState.DONE and done.message.startswith("NOT delivered to dead, and the run goes on")
    assert stand.ask(NotifiedCheck(channel="dead")).outcome is Outcome.FAIL
    assert stand.ask(NotifiedCheck(channel="team, dead")).outcome is Outcome.UNKNOWN
    assert stand.perform(Notify(channel="nobody", message="x")).message.startswith("NOT delivered")


def test_what_arrives_when_it_is_sent_again_opens_the_gate(stand: Stand, receiver: Receiver) -> None:
    receiver.answers = [500]
    stand.tell()("phase:0", "during", "phase 0 ended")
    assert stand.ask(NotifiedCheck(channel="team")).outcome is Outcome.FAIL
    channel, key, text = undelivered(stand.record.folder)[0]

    deliver(stand.tools, channel, notify_message.Message(key, "again", text))

    assert (channel, key) == ("team", f"{RUN}/phase:0") and "phase 0 ended" in text
    assert stand.ask(NotifiedCheck(channel="team")).outcome is Outcome.OK


def test_a_gate_waits_for_each_acknowledgement_by_name(stand: Stand) -> None:
    stand.perform(Notify(channel="team", message="read the ways back"))
    check = NotifiedCheck(channel="team", by=("Ada", "Grace"))
    assert stand.ask(check).outcome is Outcome.FAIL
    stand.tools.ledger.acknowledge(f"{RUN}/task:0.0", "ada", stand.clock.now())
    assert "not acknowledged by Grace" in stand.ask(check).found
    stand.tools.ledger.acknowledge(f"{RUN}/task:0.0", "Grace", stand.clock.now())
    assert stand.ask(check).outcome is Outcome.OK


def test_the_roadmap_is_ticked_from_evidence_and_deferred_items_never(stand: Stand) -> None:
    assert stand.ask(RoadmapCheck(path="ROADMAP.md")).outcome is Outcome.UNKNOWN
    (stand.folder / "ROADMAP.md").write_text(ROADMAP)
    assert stand.ask(RoadmapCheck(path="ROADMAP.md")).found == "2 items checked, 0 warnings"
    stand.end_task("0.1", TaskState.DONE)
    stand.verify_task("0.1", Outcome.FAIL)
    assert "0 of 2 linked items" in stand.perform(Document(make="roadmap")).message, "its check did not hold"
    stand.verify_task("0.1", Outcome.OK)
    stand.end_task("1.0", TaskState.FAILED)
    stand.record.append(EntryType.DECIDED, {"what": "defer", "subject": "1.0"}, task="1.0")

    done = stand.perform(Document(make="roadmap"))

    assert done.state is TaskState.DONE and "1 of 2 linked items" in done.message
    assert (stand.folder / "ROADMAP.md").read_text() == ROADMAP.replace("ready", "complete", 1)
    (stand.folder / "ROADMAP.md").write_text("# nothing\n")
    assert stand.ask(RoadmapCheck(path="ROADMAP.md")).outcome is Outcome.FAIL


def test_the_changelog_gets_one_entry_a_run(stand: Stand) -> None:
    stand.end_task("0.1", TaskState.DONE)
    stand.verify_task("0.1", Outcome.OK)
    stand.perform(Document(make="changelog"))
    stand.end_task("1.0", TaskState.DEFERRED)
    stand.perform(Document(make="changelog"))

    text = (stand.folder / "CHANGELOG.md").read_text()
    assert text.count(RUN) == 1 and "  - 0.1 Look\n  - deferred: 1.0 Contract\n" in text
