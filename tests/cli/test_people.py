"""Sessions, messages, the roadmap and the backlog on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from lockgate.model.procedure import EntryType
from lockgate.model.runbook import Phase, Runbook, Task
from lockgate.runbook.lock import compile_lock, write_lock
from lockgate.runbook.read import read_runbook
from lockgate.runbook.record import Record
from tests.cli.conftest import Cli
from tests.notify.receiver import receiving

RUNBOOK = """
runbook: orders
title: Orders get a total
contacts:
- {name: Operations, notify: team, reach: by phone}
phases:
- id: "0"
  title: Pre-flight
  tasks:
  - {id: "0.0", title: Look, do: {sh: "true"}}
"""


def test_sessions_from_start_to_close(cli: Cli) -> None:
    cli.write("lockgate.toml", '[session]\ndocs = "docs"\n')
    start = ("session", "start", "SCH-1", "--claim", "table:orders")
    first = cli(*start, "--owner", "Ada", "--eta", "noon", "--contact", "ada@example.org", "--format", "json")
    assert first.code == 0, first.err
    session = json.loads(first.out)["session"]
    assert (session["owner"], session["eta"], session["actor"]["kind"]) == ("Ada", "noon", "human")

    second = cli("session", "start", "SCH-2", "--claim", "column:orders.total", CLAUDECODE="1")
    assert second.code == 8 and "held by Ada since" in second.err and "ada@example.org" in second.err
    agent = json.loads(cli("session", "start", "SCH-3", "--format", "json", CLAUDECODE="1").out)["session"]
    assert (agent["actor"]["kind"], agent["actor"]["program"]) == ("agent", "claude-code")
    listed = cli("session", "list").out
    assert "Ada" in listed and "noon" in listed and "ada@example.org" in listed and "TBA" in listed

    assert cli("session", "close", "SCH-1").code == 0
    assert "nothing was done" in cli("session", "close", "SCH-1").out
    valid = json.loads(cli("session", "validate", "--format", "json").out)
    assert (valid["status"], valid["counts"]) == ("ok", {"active": 1, "completed": 1, "abandoned": 0})
    cli.write("bad.toml", '[session]\nregistry = "paper"\n')
    wrong = cli("session", "list", "--config", "bad.toml")
    assert wrong.code == 2 and "session.registry is 'paper'" in wrong.err


def test_messages_planned_sent_once_listed_and_acknowledged(cli: Cli) -> None:
    with receiving() as receiver:
        cli.write(
            "lockgate.toml",
            '[session]\nnotify = "team"\n'
            f'[notify.webhooks.team]\nurl = "{receiver.url}/a-secret-path"\nsecret = "${{env:HOOK_SECRET}}"\n',
        )
        cli.write("runbook.yaml", RUNBOOK)
        env = {"HOOK_SECRET": "canary-of-the-hook"}
        missing = cli("notify", "test")
        assert missing.code == 3 and "HOOK_SECRET is not set" in missing.out
        assert cli("notify", "test", **env).out == "team: delivered\n"
        start = (datetime.now(UTC) + timedelta(hours=3)).isoformat(timespec="seconds")
        planned = json.loads(cli("notify", "plan", "runbook.yaml", "--at", start, "--format", "json", **env).out)
        assert [(item["lead"], item["is_due"]) for item in planned["notices"]] == [("24h", True), ("15m", False)]
        again = cli("notify", "send", "--due", **env)
        assert again.out == "team: has it already; nothing was sent\n"
        told = json.loads(receiver.got[-1].body)
        assert len(receiver.got) == 2 and planned["digest"][:12] in told["text"] and "by phone" in told["text"]
        assert "Pre-flight" in told["text"], "the plan itself comes with it"
        file = cli.folder / "runbook.yaml"
        assert compile_lock(read_runbook(file).runbook, cli.folder).digest == planned["digest"]
        assert cli("session", "start", "SCH-1", "--owner", "Grace").code == 0
        taken = cli("session", "takeover", "SCH-1", "--reason", "she is ill", **env)
        assert taken.out.endswith("team: delivered\n") and "from Grace: she is ill" in receiver.got[-1].body.decode()
        listed = cli("notify", "list")
        assert "a-secret-path" not in listed.out and "canary" not in listed.out
        assert cli("notify", "ack", "ways-back", "--by", "Ada").out == "Ada has acknowledged ways-back\n"
        assert cli("notify", "ack", "ways-back", CLAUDECODE="1").code == 4


def test_a_roadmap_and_the_backlog(cli: Cli) -> None:
    cli.write("ROADMAP.md", "### A-1: words\n**Status:** soon\n**Priority:** LOW\n**Estimate:** 1h\n")
    found = cli("roadmap", "validate", "ROADMAP.md")
    assert found.code == 3 and "error: Line 2 [A-1]: Status is 'soon'" in found.out and "1 items checked" in found.out
    assert cli("roadmap", "validate", "none.md").code == 2
    assert cli("backlog").out == "nothing is open in 0 runs\n"

    name = _run_with_words(cli)
    backlog = json.loads(cli("backlog", "--format", "json").out)
    assert [(item["kind"], item["text"], item["owner"]) for item in backlog["items"]] == [
        ("deferred", "0.1: next sprint", "Grace"),
        ("lesson", "measure earlier", ""),
    ]
    cli.write("ROADMAP.md", "".join(f"### A-{n}: x\n**Status:** ready\n" for n in (1, 2)))
    ticked = cli("roadmap", "tick", "ROADMAP.md", "--run", name)
    assert ticked.out == "ticked A-1\nleft open A-2: not every task of it is done\n"
    assert (cli.folder / "ROADMAP.md").read_text().count("complete") == 1


def _run_with_words(cli: Cli) -> str:
    """Leave the journal of a run: one task done, two deferred, of which one was done after all."""
    linked = [Task(id=f"0.{n}", title="t", roadmap=(f"A-{n + 1}",)) for n in (0, 1)]
    tasks = (*linked, Task(id="0.2", title="u"))
    runbook = Runbook(runbook="orders", phases=(Phase(id="0", title="p", tasks=tasks),))
    folder = cli.folder / ".lockgate/procedures/20260304-orders-abcdef"
    record = Record(folder)
    write_lock(compile_lock(runbook, cli.folder), folder)
    for task in ("0.1", "0.2"):
        words = {"what": "defer", "subject": task, "reason": "next sprint", "owner": "Grace"}
        record.append(EntryType.DECIDED, words, task=task)
    record.append(EntryType.DECIDED, {"what": "retry", "subject": "0.2", "reason": "time is left"}, task="0.2")
    for task in ("0.0", "0.2"):
        record.append(EntryType.TASK_STARTED, {"title": "t"}, task=task)
        record.append(EntryType.TASK_ENDED, {"state": "done"}, task=task)
    record.append(EntryType.LESSON, {"text": "measure earlier"})
    record.append(EntryType.LESSON, {"text": "none"})
    record.close()
    return folder.name
