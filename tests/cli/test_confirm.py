"""The ladder of danger: reading asks nothing, writing asks, protection needs a person and a name."""

from __future__ import annotations

import json

import pytest

from .conftest import PROTECTED, Cli


@pytest.fixture
def protected(planned: Cli) -> Cli:
    """The planned database as a protected target of a configuration."""
    planned.write("lockgate.toml", PROTECTED)
    return planned


def test_without_a_terminal_a_write_names_its_flag_and_does_nothing(planned: Cli) -> None:
    before = planned.dump()
    ran = planned("apply", "plan.json")
    assert ran.code == 2
    assert "--yes" in ran.err
    assert planned.dump() == before


def test_finalize_needs_the_name_and_yes_is_not_enough(planned: Cli) -> None:
    assert planned("apply", "plan.json", "--yes").code == 0
    before = planned.dump()
    ran = planned("finalize", "latest", "--now", "--yes")
    assert ran.code == 2
    assert "--confirm app" in ran.err
    ran = planned("finalize", "latest", "--now", "--confirm", "other")
    assert ran.code == 2
    assert planned.dump() == before


def test_a_protected_target_needs_an_approved_plan_and_its_name(protected: Cli) -> None:
    before = protected.dump()
    ran = protected("apply", "plan.json", "--yes")
    assert ran.code == 5
    assert "lockgate approve plan.json" in ran.err
    assert protected("approve", "plan.json", "--yes").code == 0
    assert protected("rehearse", "plan.json").code == 0
    approval = json.loads((protected.folder / "plan.json.approval").read_text())
    assert approval["digest"] == json.loads((protected.folder / "plan.json").read_text())["digest"]
    ran = protected("apply", "plan.json", "--yes")
    assert ran.code == 2
    assert "--confirm app" in ran.err
    assert protected.dump() == before
    ran = protected("apply", "plan.json", "--confirm", "app")
    assert ran.code == 0, ran.err


def test_an_approval_of_another_digest_is_none(protected: Cli) -> None:
    assert protected("approve", "plan.json", "--yes").code == 0
    path = protected.folder / "plan.json.approval"
    path.write_text(path.read_text().replace('"digest": "', '"digest": "0'))
    for extra in (protected.folder / ".lockgate" / "approvals").glob("*"):
        extra.unlink()
    ran = protected("apply", "plan.json", "--confirm", "app")
    assert ran.code == 5
    assert "digest" in ran.err


def test_protection_holds_when_the_url_is_spelled_out(protected: Cli) -> None:
    ran = protected("apply", "plan.json", "--url", f"sqlite:///{protected.folder}/app.db", "--yes")
    assert ran.code == 5


@pytest.mark.parametrize("variable", ["CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI", "LOCKGATE_AGENT"])
def test_an_agent_may_read_and_plan_but_not_write_to_a_protected_target(protected: Cli, variable: str) -> None:
    protected("approve", "plan.json", "--yes")
    before = protected.dump()
    agent = {variable: "1"}
    assert protected("drift", **agent).code == 3
    assert protected("plan", "--allow", "all", "-o", "p.json", **agent).code == 0
    assert protected("apply", "plan.json", "--dry-run", **agent).code == 0
    for command in (
        ("approve", "plan.json", "--yes"),
        ("apply", "plan.json", "--confirm", "app"),
        ("rollback", "--to", "start", "--confirm", "app"),
        ("finalize", "latest", "--now", "--confirm", "app"),
        ("checkpoint", "create", "--confirm", "app"),
    ):
        ran = protected(*command, **agent)
        assert ran.code == 4, (command, ran.err)
        assert "person" in ran.err
    assert protected.dump() == before


def test_an_agent_may_write_to_an_unprotected_target(planned: Cli) -> None:
    ran = planned("apply", "plan.json", "--yes", CLAUDECODE="1")
    assert ran.code == 0, ran.err
    ran = planned("finalize", "latest", "--now", "--confirm", "app", CLAUDECODE="1")
    assert ran.code == 0, ran.err


def test_no_checkpoint_needs_a_reason(planned: Cli) -> None:
    ran = planned("apply", "plan.json", "--yes", "--no-checkpoint")
    assert ran.code == 2
    assert "--reason" in ran.err
