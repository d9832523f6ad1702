"""Approved, waived, decided: runs that begin only when people said so, and gates that open only by name."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Cli, Ran
from tests.cli.inside import Inside

TOML = """
url = "sqlite:///app.db"
[people.ada]
roles = ["dba"]
rank = 2
[people.bob]
roles = ["lead"]
rank = 3
"""
RUNBOOK = """
runbook: orders
approvals: {quorum: 1, roles: [dba], items: [{text: Backup verified, evidence: backup}]}
phases:
- id: "1"
  title: One
  tasks:
  - id: "1.1"
    title: Types before
    do: {baseline: {name: types, command: "cat types.txt; exit 1"}}
  - id: "1.2"
    title: Write
    do: {sh: {command: "echo ERROR >> app.log; echo x > made"}}
    verify: [{file: made, since: run}]
  gate:
    id: gate-1
    on_fail: HOW
    reviewers: [lead]
    checks:
    - {tests: no_worse_than_baseline, baseline: types, command: "cat types.txt; exit 1"}
    - {log: app.log, without: ERROR}
    - {tasks: {}}
"""


def _as(cli: Cli, name: str, *arguments: str) -> Ran:
    return cli("runbook", *arguments, LOCKGATE_ACTOR=name)


def _begin(cli: Cli, on_fail: str) -> Ran:
    (cli.folder / "lockgate.toml").write_text(TOML)
    (cli.folder / "orders.yaml").write_text(RUNBOOK.replace("HOW", on_fail))
    (cli.folder / "types.txt").write_text("a.ts(1,1): error TS1: old\n")
    (cli.folder / "app.log").write_text("ERROR of yesterday\n")
    return cli("runbook", "run", "orders.yaml", "--yes", "--no-wait")


def _entries(cli: Cli) -> list[dict[str, object]]:
    path = next(cli.folder.glob(".lockgate/procedures/*/journal.jsonl"))
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(params=["stop", "escalate"])
def closed(request: pytest.FixtureRequest, cli: Cli) -> tuple[Cli, str]:
    """A run that was approved and rests at a closed gate."""
    cli = Inside(cli.folder, cli.env)
    first = _begin(cli, request.param)
    assert first.code == 5 and "Backup verified" in first.err, first.err
    assert not (cli.folder / "made").exists()
    assert cli("backup", "create", "--verify", "schema").code == 0
    assert _as(cli, "ada", "approve", "orders.yaml", "--role", "dba", "--yes").code == 0
    ran = cli("runbook", "run", "orders.yaml", "--yes", "--no-wait")
    assert ran.code == (4 if request.param == "stop" else 5), ran.out + ran.err
    gate = [entry for entry in _entries(cli) if entry["type"] == "gate"][-1]["body"]
    found = {r["check"]: (r["outcome"], r["found"]) for r in gate["results"]}  # type: ignore[index]
    assert found["gate-1/1"] == ("ok", "no new errors (1 known): 1 (baseline 1)")
    assert found["gate-1/2"][0] == "fail" and found["gate-1/2"][1].startswith("1 of 1 line since")
    assert found["gate-1/3"][0] == "ok"
    return cli, str(request.param)


def test_a_closed_gate_opens_by_name_and_the_run_says_so(closed: tuple[Cli, str]) -> None:
    cli, how = closed
    if how == "stop":
        again = ("waive", "orders.yaml", "gate-1/2", "--reason", "known noise", "--until", "2h", "--yes")
        assert _as(cli, "bob", *again).code == 0
    else:
        agent = cli("runbook", "decide", "latest", "gate-1", "--open", "--reason", "x", "--role", "lead", AI_AGENT="1")
        assert agent.code == 4 and "coding agent" in agent.err
        wrong = _as(cli, "ada", "decide", "latest", "gate-1", "--open", "--reason", "x", "--role", "dba")
        assert wrong.code == 4 and "decided by lead" in wrong.err
        stopped = _as(cli, "bob", "decide", "latest", "gate-1", "--stop", "--reason", "wait", "--role", "lead")
        assert stopped.code == 0, stopped.err
        assert cli("runbook", "resume", "latest", "--yes", "--no-wait").code == 5
        done = _as(cli, "bob", "decide", "latest", "gate-1", "--open", "--reason", "noise", "--role", "lead")
        assert done.code == 0, done.err
    ended = cli("runbook", "resume", "latest", "--yes", "--no-wait")
    assert ended.code == 0 and "complete with waivers" in ended.out, ended.out + ended.err
    last = [entry for entry in _entries(cli) if entry["type"] == "gate"][-1]["body"]
    waived = [r for r in last["results"] if r["outcome"] == "waived"]  # type: ignore[index]
    assert [(r["check"], r["waiver"]["by"]) for r in waived] == [("gate-1/2", "bob")]
