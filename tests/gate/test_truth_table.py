"""All results are shown, those that hold too, and who answers for what is waived."""

from __future__ import annotations

from msgspec.structs import replace

from lockgate.model.outcome import CheckResult, FailureClass, Outcome, Waiver
from lockgate.report.gate import truth_lines, truth_table


def _result(number: int, outcome: Outcome, **more: object) -> CheckResult:
    result = CheckResult(
        f"gate-5/{number}", "tests", f"check {number}", outcome, "no failure", "1 new", FailureClass.CODE
    )
    return replace(result, **more)


def test_of_four_checks_of_which_one_fails_all_four_are_shown() -> None:
    results = [_result(n, Outcome.OK) for n in (1, 2, 3)] + [_result(4, Outcome.FAIL, items=("a.ts TS1",))]
    lines = truth_lines(results)
    assert [line.split()[0] for line in lines] == ["ok", "ok", "ok", "fail", "-"]
    assert "expected no failure, found 1 new" in lines[3] and "a.ts TS1" in lines[4]
    assert [row[2] for row in truth_table(results).rows] == ["ok", "ok", "ok", "fail"]


def test_a_waived_check_names_who_answers_for_it() -> None:
    waiver = Waiver("gate-5/1", "bob", "lead", "ticket 7", "2027-01-01", "")
    result = _result(1, Outcome.WAIVED, waiver=waiver)
    assert truth_lines([result])[0].endswith("waived by bob until 2027-01-01: ticket 7")
    assert truth_table([result]).rows[0][2] == "waived by bob until 2027-01-01: ticket 7"
