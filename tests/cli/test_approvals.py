"""Approvals on the command line: roles from lockgate.toml, nobody in another's name, no coding agent; nothing runs."""

from __future__ import annotations

import getpass
import json
import subprocess
from pathlib import Path

import pytest

from lockgate.cli.confirm import AGENT_VARIABLES
from tests.cli.conftest import Cli, Ran
from tests.cli.inside import Inside

HERE = getpass.getuser()
TOML = """
url = "sqlite:///app.db"
[people.ada]
name = "Ada L"
accounts = ["ada@example.org"]
roles = ["dba"]
rank = 2
[people.bob]
roles = ["lead"]
rank = 3
[people.cyd]
roles = ["dev"]
"""
RUNBOOK = """
runbook: orders
title: Orders
author: Cyd
approvals:
  quorum: 2
  roles: [dba, lead]
  not: [author]
  items:
  - {text: Backup verified, evidence: backup}
phases:
- id: "1"
  title: One
  tasks:
  - {id: "1.1", title: Touch, do: {sh: "touch ran"}}
  gate: {id: gate-1, checks: [{file: ran}, {exit: "false"}]}
"""


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli = Inside(cli.folder, cli.env)
    (cli.folder / "lockgate.toml").write_text(TOML)
    (cli.folder / "orders.yaml").write_text(RUNBOOK)
    (cli.folder / "other.yaml").write_text(RUNBOOK.replace("[author]", "[last_editor]"))
    return cli


def _as(cli: Cli, name: str, *arguments: str) -> Ran:
    return cli("runbook", *arguments, LOCKGATE_ACTOR=name)


def _state(cli: Cli) -> dict[str, object]:
    return dict(json.loads(cli("runbook", "approvals", "orders.yaml", "--format", "json").out))


def test_two_people_of_two_roles_approve_and_nothing_runs(project: Cli) -> None:
    asked = project("runbook", "request-approval", "orders.yaml", LOCKGATE_AGENT="1")
    assert asked.code == 5 and "missing: an approval as dba (ada)" in asked.out, asked.err
    done = _as(project, "ada", "approve", "orders.yaml", "--role", "dba", "--comment", "fine", "--yes")
    assert done.code == 0 and "nothing was run" in done.out, done.err
    assert project("approve", "orders.yaml", "--role", "lead", "--yes", LOCKGATE_ACTOR="bob").code == 0
    state = _state(project)
    assert [a["by"] for a in state["approvals"]] == ["ada", "bob"]  # type: ignore[attr-defined]
    assert state["headline"] == "needs approval (2/3)"
    assert len(state["missing"]) == 1 and "Backup verified" in state["missing"][0]  # type: ignore[arg-type,index]
    assert not (project.folder / "ran").exists()
    (project.folder / "orders.yaml").write_text(RUNBOOK.replace("touch ran", "touch ran2"))
    assert _state(project)["approvals"] == []


@pytest.mark.parametrize(
    ("actor", "arguments", "words"),
    [
        ("ada", ("approve", "orders.yaml", "--role", "lead", "--yes"), "ada is not lead"),
        ("eve", ("approve", "orders.yaml", "--role", "dba", "--yes"), "eve is nobody"),
        ("cyd", ("approve", "orders.yaml", "--role", "dev", "--yes"), "would not count"),
        ("ada", ("approve", "other.yaml", "--role", "dba", "--yes"), "not known while its file is not committed"),
        ("ada", ("approve", "orders.yaml", "--item", "Backup verified", "--yes"), "by evidence only"),
        ("ada", ("waive", "orders.yaml", "gate-1/2", "--reason", "x", "--until", "2h", "--yes"), "rank 2"),
        ("bob", ("waive", "orders.yaml", "gate-1/2", "--reason", " ", "--until", "2h", "--yes"), "needs a reason"),
        ("ada", ("delegate", "lead", "--to", "cyd", "--until", "2h", "--yes"), "cannot lend"),
    ],
)
def test_who_may_not_is_refused(actor: str, arguments: tuple[str, ...], words: str, project: Cli) -> None:
    done = _as(project, actor, *arguments)
    assert (done.code, words in done.err) == (4, True), done.err
    assert "nothing was recorded" in done.err


@pytest.mark.parametrize("arguments", [
    ("approve", "orders.yaml", "--role", "dba", "--yes"),
    ("waive", "orders.yaml", "gate-1/2", "--reason", "x", "--until", "2h", "--yes"),
    ("delegate", "dba", "--to", "cyd", "--until", "2h", "--yes"),
    ("revoke", "abc", "--reason", "x", "--yes"),
])  # fmt: skip
def test_a_coding_agent_never_does(arguments: tuple[str, ...], project: Cli) -> None:
    done = project("runbook", *arguments, LOCKGATE_ACTOR="ada", **{AGENT_VARIABLES[0]: "1"})
    assert done.code == 4 and "coding agent" in done.err
    assert not (project.folder / ".lockgate/approvals").exists()


def test_nobody_acts_in_anothers_name(project: Cli) -> None:
    (project.folder / "lockgate.toml").write_text(TOML + f'accounts = ["{HERE}"]\n')
    done = _as(project, "ada", "approve", "orders.yaml", "--role", "dba", "--yes")
    assert done.code == 4 and "this account is cyd's" in done.err


def test_a_waiver_a_delegation_and_taking_them_back(project: Cli) -> None:
    waived = _as(project, "bob", "waive", "orders.yaml", "gate-1/2", "--reason", "ticket 7", "--until", "2h", "--yes")
    assert waived.code == 0, waived.err
    lent = _as(project, "bob", "delegate", "lead", "--to", "ada", "--until", "2h", "--yes")
    assert lent.code == 0, lent.err
    assert _as(project, "ada", "approve", "orders.yaml", "--role", "lead", "--yes").code == 0
    state = _state(project)
    assert state["waivers"][0]["check"] == "gate-1/2" and len(state["approvals"]) == 1  # type: ignore[index,arg-type]
    given = str(state["approvals"][0]["id"])  # type: ignore[index]
    assert _as(project, "cyd", "revoke", given[:8], "--reason", "x", "--yes").code == 4
    assert _as(project, "ada", "revoke", given[:8], "--reason", "wrong digest", "--yes").code == 0
    assert "revoked by ada" in project("runbook", "approvals", "orders.yaml").out
    wrong = _as(project, "bob", "waive", "orders.yaml", "gate-9/1", "--reason", "x", "--until", "2h", "--yes")
    assert wrong.code == 2 and "gate-1/1" in wrong.err


def test_a_carried_approval_holds_and_a_tampered_one_does_not(project: Cli, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (project.folder / "allowed").write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    (project.folder / "lockgate.toml").write_text(TOML + '[approvals]\nallowed_signers = "allowed"\nsigned = true\n')
    plain = _as(project, "ada", "approve", "orders.yaml", "--role", "dba", "--yes")
    assert plain.code == 2 and "--sign" in plain.err
    more = ("--role", "dba", "--sign", str(key), "-o", "ada.approval", "--yes")
    assert _as(project, "ada", "approve", "orders.yaml", *more).code == 0
    file = project.folder / "ada.approval"
    text = file.read_text()
    file.write_text(text.replace('"dba"', '"lead"'))
    tampered = project("runbook", "approve", "orders.yaml", "--import", "ada.approval")
    assert tampered.code == 2 and "changed after" in tampered.err
    file.write_text(text)
    taken = project("runbook", "approve", "orders.yaml", "--import", "ada.approval")
    assert taken.code == 0, taken.err
    assert _state(project)["approvals"][0]["signed_by"] == "ada@example.org"  # type: ignore[index]


def test_files_are_reviewed(project: Cli) -> None:
    (project.folder / "a.ts").write_text("x")
    done = _as(project, "ada", "approve", "--review", "a.ts", "--role", "dba", "--yes")
    assert done.code == 0 and "reviewed by ada" in done.out, done.err
    assert _as(project, "ada", "approve", "--review", "none.ts", "--yes").code == 2
    assert _as(project, "ada", "approve", "--yes").code == 2


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[people.ada]\nrole = ['dba']\n", "people.ada.role"),
        ("[people]\nada = 1\n", "people.ada"),
        ("[people.ada]\nroles = 'dba'\n", "people.ada.roles"),
        ("[people.ada]\naccounts = ['x']\n[people.bob]\naccounts = ['X']\n", "people.bob.accounts"),
        ("[approvals]\nsigned = true\n", "approvals.signed"),
    ],
)
def test_mistakes_in_the_configuration_are_named(toml: str, words: str, project: Cli) -> None:
    (project.folder / "lockgate.toml").write_text('url = "sqlite:///app.db"\n' + toml)
    done = project("runbook", "approvals", "orders.yaml")
    assert (done.code, words in done.err) == (2, True), done.err


def test_the_team_is_notified_only_when_every_channel_had_this_runbooks_notice(project: Cli) -> None:
    text = RUNBOOK.replace("evidence: backup", "evidence: notified")
    (project.folder / "orders.yaml").write_text(text + "contacts: [{name: A, notify: team}, {name: B, notify: ops}]\n")
    digest = str(_state(project)["digest"])
    ledger = project.folder / ".lockgate/notify/ledger.jsonl"
    ledger.parent.mkdir(parents=True)

    def item(*sent: tuple[str, str], of: str = digest) -> dict[str, str]:
        key = f"plan/orders/{of[:12]}/20270101T1000/T-24h"
        rows = [{"at": "x", "state": state, "key": key, "channel": name, "address": name} for name, state in sent]
        ledger.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return dict(_state(project)["items"][0])  # type: ignore[index]

    assert "not told yet: ops" in item(("team", "sent"))["why"]
    assert "not delivered: ops" in item(("team", "sent"), ("ops", "failed"))["why"]
    assert item(("team", "sent"), ("ops", "sent"), of="e" * 64)["state"] == "open"
    assert item(("team", "sent"), ("ops", "sent"))["state"] == "approved"
