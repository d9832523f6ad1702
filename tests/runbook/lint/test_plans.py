"""Whole plans in Markdown: every planted defect in its line, nothing in the clean ones; the command that asks."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from lockgate.cli.app import run_command_line
from lockgate.model.finding import FindingReport
from lockgate.runbook.lint.rules import BY_CODE
from lockgate.runbook.lint.run import lint_runbook

PLANS = Path(__file__).parent / "plans"
HARBOR = Path(__file__).parent.parent / "plans" / "harbor.md"


@pytest.fixture(scope="module")
def orchard() -> FindingReport:
    return lint_runbook(PLANS / "orchard.md", [PLANS / "orchard.report.md"])


@pytest.fixture(scope="module")
def harbor() -> FindingReport:
    return lint_runbook(HARBOR)


def test_every_planted_defect_is_found_in_its_line_and_nothing_else(orchard: FindingReport) -> None:
    found = {("report" if "report" in f.file else "plan", f.line, f.code) for f in orchard.findings}
    rows = (line.split() for line in (PLANS / "orchard.expect").read_text().splitlines())
    assert found == {(where, int(line), code) for where, line, code in rows}


def test_the_clean_rewrite_has_no_finding() -> None:
    report = lint_runbook(PLANS / "orchard.clean.md")
    assert report.findings == ()
    assert report.checked["tasks"] == 10


def test_the_long_plan_has_each_kind_of_defect_as_often_as_it_was_planted(harbor: FindingReport) -> None:
    count = Counter(finding.code for finding in harbor.findings)
    assert count["encoding-repaired"] == 1
    assert count["status-conflict"] == 2
    assert count["masked-exit"] == 2
    assert count["curl-ignores-http-status"] == 4
    assert count["check-cannot-fail"] == 6
    assert count["interpreter-mismatch"] == 2
    assert count["revert-noop"] == 7
    assert count["revert-incomplete"] == 4
    assert count["claim-mismatch"] == 2
    assert count["empty-stage"] == 1
    assert count["rollback-level-too-high"] == 2
    assert count["trigger-underspecified"] == 4
    assert count["contact-without-channel"] == 2
    for code in (
        "write-before-check", "declared-readonly-writes", "variable-crosses-steps", "restore-constant-state",
        "force-push", "claimed-approval", "hardcoded-environment", "phase-without-commands", "phase-without-reverts",
    ):  # fmt: skip
        assert count[code] >= 1, code


def test_what_only_says_review_or_document_waits_for_a_person(harbor: FindingReport) -> None:
    waiting = {f.object for f in harbor.findings if f.code == "step-needs-attestation"}
    assert {"1.6", "2.1", "4.1.4", "5.6", "5.9"} <= waiting


def test_a_typed_status_is_told_beside_the_computed_one(harbor: FindingReport) -> None:
    messages = [f.message for f in harbor.findings if f.code == "status-conflict"]
    assert all("needs approval (1/6)" in message for message in messages)


def test_a_trigger_is_told_with_the_defaults_that_will_apply(harbor: FindingReport) -> None:
    messages = [f.message for f in harbor.findings if f.code == "trigger-underspecified"]
    assert any("at least 100 requests" in message for message in messages)
    assert any("p95" in message for message in messages)


def test_git_checkout_of_a_folder_leaves_new_files_where_they_are(tmp_path: Path) -> None:
    """What `revert-noop` says of it, shown in a work tree."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=T", "-c", "user.email=t@example.org"]
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "old.sh").write_text("true\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "old"]):
        subprocess.run([*git, *words], check=True)
    (tmp_path / "tools" / "new.sh").write_text("true\n")
    subprocess.run([*git, "checkout", "tools/"], check=True, capture_output=True)
    assert (tmp_path / "tools" / "new.sh").exists()


def test_the_command_tells_code_line_message_and_fix(capsys: pytest.CaptureFixture[str]) -> None:
    plan, report = str(PLANS / "orchard.md"), str(PLANS / "orchard.report.md")
    assert run_command_line(["runbook", "lint", plan, "--with", report, "--format", "json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert all({"code", "line", "message", "fix"} <= finding.keys() for finding in document["findings"])
    assert all(finding["line"] > 0 and finding["fix"] for finding in document["findings"])
    masked = next(finding for finding in document["findings"] if finding["code"] == "masked-exit")
    assert "set -o pipefail; orchard drift | tee drift.txt" in masked["fix"]


@pytest.mark.parametrize("output_format", ["text", "markdown", "sarif", "github", "junit"])
def test_every_format_tells_the_findings(output_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["runbook", "lint", str(PLANS / "orchard.md"), "--format", output_format]) == 3
    assert "revert-noop" in capsys.readouterr().out


def test_clean_is_exit_code_0_nothing_to_check_2_and_unreadable_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["runbook", "lint", str(PLANS / "orchard.clean.md")]) == 0
    (tmp_path / "empty.yaml").write_text("runbook: empty\n")
    assert run_command_line(["runbook", "lint", str(tmp_path / "empty.yaml")]) == 2
    assert run_command_line(["runbook", "lint", str(tmp_path / "missing.yaml")]) == 2
    assert run_command_line(["runbook", "lint", str(PLANS / "orchard.md"), "--skip", "no-such-rule"]) == 2
    assert "no such rule" in capsys.readouterr().err


def test_a_secret_is_found_and_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        (PLANS / "orchard.clean.md")
        .read_text()
        .replace("lockgate restore", "x mysql://root:canary77@db/o; lockgate restore")
    )
    (tmp_path / "plan.md").write_text(text)
    assert run_command_line(["runbook", "lint", str(tmp_path / "plan.md")]) == 3
    out = capsys.readouterr().out
    assert "secret-in-text" in out and "canary77" not in out and "secret:" in out


def test_explain_has_a_page_for_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "revert-noop"]) == 0
    assert "git checkout" in capsys.readouterr().out
    assert all(rule.area == "runbook" for rule in BY_CODE.values())
