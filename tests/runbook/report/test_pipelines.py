"""The forms for pipelines, in their bounds: nothing that is not ok looks like a pass."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lockgate.model.outcome import CheckResult, Outcome
from lockgate.model.procedure_report import ProcedureReport
from lockgate.report.procedure.pipelines import (
    MOST_SARIF_RESULTS,
    MOST_SUMMARY_BYTES,
    github_summary,
    report_github,
    report_junit,
    report_sarif,
)
from lockgate.runbook.run_reports import report_of
from tests.runbook.report.journal import Maker, result, waiver


def _with_findings(folder: Path, number: int, text: str = "it is so") -> ProcedureReport:
    findings = [
        {"code": "x-code", "severity": severity, "message": f"{severity}: {text} {n}", "object": f"t{n}"}
        for severity in ("critical", "warning")
        for n in range(number // 2)
    ]
    maker = Maker(folder)
    maker.start()
    data = {"name": "schema", "checked": {"tables": 1}, "status": "found", "findings": findings}
    kept = maker.record.keep("validate.json", json.dumps(data).encode())
    maker.task("1.1", "done", evidence=(kept,))
    maker.end("stopped")
    maker.record.close()
    return report_of(maker.folder)


def test_of_400_findings_github_gets_ten_of_each_kind_and_sarif_and_the_summary_all(tmp_path: Path) -> None:
    report = _with_findings(tmp_path, 400)
    lines = report_github(report).splitlines()

    for level in ("error", "warning", "notice"):
        assert len([line for line in lines if line.startswith(f"::{level}")]) <= 10
    assert "more issues of severity warning; the job summary has all" in "\n".join(lines)
    sarif = json.loads(report_sarif(report))
    assert sarif["version"] == "2.1.0"
    assert sum(r["ruleId"] == "x-code" for r in sarif["runs"][0]["results"]) == 400
    assert github_summary(report).count("x\\-code") + github_summary(report).count("x-code") >= 400


def test_a_summary_never_exceeds_a_mebibyte_and_says_what_is_left_out(tmp_path: Path) -> None:
    report = _with_findings(tmp_path, 3000, "ü" * 500)
    summary = github_summary(report)

    assert len(summary.encode()) <= MOST_SUMMARY_BYTES
    assert "The rest is left out here" in summary


def test_sarif_never_has_more_results_than_readers_take(tmp_path: Path) -> None:
    report = _with_findings(tmp_path, 26_000)
    run = json.loads(report_sarif(report))["runs"][0]

    assert len(run["results"]) == MOST_SARIF_RESULTS
    assert run["properties"]["left_out"] == len(report.issues) - MOST_SARIF_RESULTS
    assert run["results"][0]["level"] == "error"


@pytest.mark.parametrize(
    ("bad", "mark"),
    [
        (result("gate-1/1", Outcome.FAIL, "3"), "failure"),
        (result("gate-1/1", Outcome.UNKNOWN, "no\x00 answer"), "error"),
        (result("gate-1/1", Outcome.WAIVED, "3", waiver=waiver("gate-1/1")), "skipped"),
        (result("gate-1/1", Outcome.OK), ""),
    ],
)
def test_each_check_is_a_case_and_only_ok_passes(tmp_path: Path, bad: CheckResult, mark: str) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.first_phase(bad, result("gate-1/2", Outcome.OK))
    maker.second_phase()
    maker.end("complete")
    maker.record.close()
    root = ET.fromstring(report_junit(report_of(maker.folder)))

    case = next(c for c in root.iter("testcase") if c.get("name", "").startswith("gate-1/1"))
    assert [child.tag for child in case] == ([mark] if mark else [])
    if mark == "skipped":
        assert "waived by Ada until 2027" in case[0].get("message", "")
    cases = list(root.iter("testcase"))
    assert int(root.get("tests", "0")) == len(cases)
    assert int(root.get("failures", "0")) == len(list(root.iter("failure")))
    assert int(root.get("errors", "0")) == len(list(root.iter("error")))


def test_a_gate_that_was_never_asked_is_an_error_and_no_empty_suite(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    maker.start()
    maker.record.close()
    root = ET.fromstring(report_junit(report_of(maker.folder)))

    suite = next(s for s in root.iter("testsuite") if s.get("name") == "gate gate-1")
    assert suite.get("errors") == "1"
