"""Each rule on runbooks: a runbook where it fires, in which line, and one beside it where it does not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lockgate.model.finding import FindingReport
from lockgate.runbook.lint.rules import BY_CODE, RULES
from lockgate.runbook.lint.run import lint_sheet, make_sheet
from lockgate.runbook.lint.sheet import Text
from lockgate.runbook.read import parse_runbook

_PHASE = "phases:\n- {id: '1', title: Prepare, tasks: [{id: '1.1', title: Look, do: {sql: select 1}}]}\n"
CASES = Path(__file__).parent / "cases.txt"


def lint(text: str, *others: str) -> FindingReport:
    read = parse_runbook(text, "plan.yaml")
    beside = tuple(Text(f"other{n}.md", tuple(other.splitlines())) for n, other in enumerate(others))
    return lint_sheet(make_sheet(read, text, beside))


def body_of(fragment: str) -> str:
    """Return a whole runbook around some lines: those of a task, of the phase, or of the top."""
    if "phases:" in fragment:
        return f"runbook: shop\n{fragment}"
    if re.match(r"\s*- \{?id", fragment):
        return f"runbook: shop\nphases:\n- id: '1'\n  title: Prepare\n  tasks:\n{fragment}"
    return f"runbook: shop\n{fragment}{_PHASE}"


def read_cases() -> list[tuple[str, str, bool]]:
    """Return code, fragment, and whether the rule fires, from the file of cases."""
    cases = []
    for block in re.split(r"^=== ", CASES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, fragment = block.partition("\n")
        code, word = head.split()[:2]
        cases.append((code, fragment.rstrip("\n") + "\n", word == "fires"))
    return cases


@pytest.mark.parametrize(("code", "fragment", "fires"), read_cases())
def test_the_rule_fires_where_it_should_and_nowhere_else(code: str, fragment: str, fires: bool) -> None:
    report = lint(body_of(fragment))
    found = [finding for finding in report.findings if finding.code == code]
    assert bool(found) is fires, report.findings
    marked = [n for n, line in enumerate(body_of(fragment).splitlines(), start=1) if "#!" in line]
    if fires and marked:
        assert sorted({f.line for f in found}) == marked


def test_every_rule_has_a_case_where_it_fires_and_one_where_it_does_not() -> None:
    from tests.runbook.lint.test_reports import REPORT_CODES

    fires = {code for code, _, is_found in read_cases() if is_found} | REPORT_CODES
    silent = {code for code, _, is_found in read_cases() if not is_found} | REPORT_CODES
    assert {rule.code for rule in RULES} - fires == set()
    assert {rule.code for rule in RULES} - silent == set()


def test_every_finding_has_a_line_and_says_what_to_do() -> None:
    for code, fragment, fires in read_cases():
        for finding in lint(body_of(fragment)).findings if fires else ():
            assert finding.line > 0, (code, finding)
            assert finding.next_step and finding.code in BY_CODE


def test_a_runbook_without_phases_was_not_checked() -> None:
    assert lint("runbook: empty\n").status.value == "not_run"


def test_a_quorum_or_a_role_that_nobody_can_give_is_found_when_people_are_known() -> None:
    text = "runbook: x\napprovals: {quorum: 2, roles: [dba, lead], items: [{text: Read, roles: [auditor]}]}\n" + _PHASE
    read = parse_runbook(text, "plan.yaml")

    def codes(people: dict[str, tuple[str, ...]] | None) -> list[str]:
        sheet = replace(make_sheet(read, text), people=people)
        return [f.code for f in lint_sheet(sheet).findings if f.code == "approval-unreachable"]

    assert codes({"ann": ("dba",), "bob": ("dev",)}) == ["approval-unreachable"] * 2
    assert codes({"ann": ("dba",), "bob": ("lead", "auditor")}) == []
    assert codes(None) == []
