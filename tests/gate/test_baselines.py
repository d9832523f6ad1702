"""No new failures: by finding, not by number; what disappeared fails; what cannot be read is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.gate.base import Answer, CheckContext
from lockgate.gate.baseline.findings import Baseline, Findings, compare_findings
from lockgate.gate.baseline.parse import parse_output
from lockgate.gate.evaluators import EVALUATORS
from lockgate.model.actions import Baseline as BaselineAction
from lockgate.model.checks import KnownFailure, TestsCheck
from lockgate.model.outcome import FailureClass, Outcome
from lockgate.model.procedure import Entry, EntryType, TaskState
from lockgate.model.runbook import Runbook, Task
from lockgate.outside.shell import ShellResult
from lockgate.runbook.actions.baseline import perform
from lockgate.runbook.base import Done, Effect, TaskContext
from tests.gate.conftest import entry

Make = Callable[..., CheckContext]

TSC = """src/a.ts(12,3): error TS2322: Type 'string' is not assignable to type 'number'.
src/a.ts(40,3): error TS2322: Type 'string' is not assignable to type 'number'.
src/b.ts(1,1): error TS2304: Cannot find name 'x'.
"""
TSC_PRETTY = "\x1b[96msrc/a.ts\x1b[0m:12:3 - error TS2322: Type 'string'.\n\nFound 1 error in src/a.ts:12\n"
MYPY = "src/a.py:3: error: Missing return  [return]\nsrc/a.py:3: note: x\nFound 1 error in 1 file (checked 2 files)\n"
RUFF = "src/a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n"
RUFF_FULL = "F401 [*] `os` imported but unused\n --> src/a.py:1:8\n  |\n1 | import os\n\nFound 1 error.\n"
ESLINT = (
    "\n/app/src/a.js\n  12:3  error  'x' is not defined  no-undef\n  14:1  warning  Unused  no-unused-vars\n\n"
    "✖ 2 problems (1 error, 1 warning)\n"
)
ESLINT_UNIX = "/app/src/a.js:12:3: 'x' is not defined. [Error/no-undef]\n\n1 problem\n"
ESLINT_JSON = json.dumps(
    [{"filePath": "/app/src/a.js", "messages": [{"ruleId": "no-undef", "severity": 2, "message": "'x'", "line": 3}]}]
)
PYTEST = """
tests/test_a.py::test_one PASSED                                    [ 50%]
=========================== short test summary info ============================
FAILED tests/test_a.py::test_two - AssertionError: assert 1 == 2
ERROR tests/test_b.py - ImportError
=================== 1 failed, 1 passed, 1 error in 0.12s ===================
"""
PYTEST_QUIET = (
    "ERROR printed by a program\n..F.\n=== short test summary info ===\n"
    "FAILED t.py::test_x[a - b] - assert [1] == [2]\n1 failed, 3 passed in 0.50s\n"
)
JUNIT = """<?xml version="1.0"?><testsuites><testsuite name="s">
<testcase classname="a.B" name="one"/>
<testcase classname="a.B" name="two"><failure message="boom">x</failure></testcase>
<testcase classname="a.B" name="three"><skipped/></testcase>
<testcase classname="a.B" name="four"><flakyFailure message="once"/></testcase></testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("text", "parser", "failed", "first"),
    [
        (TSC, "tsc", 3, "src/a.ts TS2322 Type 'string' is not assignable to type 'number'."),
        (TSC_PRETTY, "tsc", 1, "src/a.ts TS2322 Type 'string'."),
        (MYPY, "mypy", 1, "src/a.py return Missing return"),
        (RUFF, "ruff", 1, "src/a.py F401 `os` imported but unused"),
        (RUFF_FULL, "ruff", 1, "src/a.py F401 `os` imported but unused"),
        (ESLINT, "eslint", 2, "src/a.js no-undef 'x' is not defined"),
        (ESLINT_UNIX, "eslint", 1, "src/a.js no-undef 'x' is not defined."),
        ("> lint\n" + ESLINT_JSON + "\n", "json", 1, "src/a.js no-undef 'x'"),
        (PYTEST, "pytest", 2, "tests/test_a.py::test_two"),
        (PYTEST_QUIET, "pytest", 1, "t.py::test_x[a - b]"),
        (JUNIT, "junit", 1, "a.B::two"),
        ("who knows", "exit", 1, "exit code 1"),
    ],
)
def test_outputs_are_recognised(text: str, parser: str, failed: int, first: str) -> None:
    found = parse_output(text, "auto", 1, "/app")
    assert (found.parser, found.total, found.problem) == (parser, failed, ""), found
    assert next(iter(found.failed)) == first


@pytest.mark.parametrize(
    ("text", "parser", "problem"),
    [
        ("collected 3 items\nt.py ..", "pytest", "last line"),
        ("=== no tests ran in 0.01s ===", "pytest", "no test ran"),
        ("F.\n2 failed in 0.1s\n", "pytest", "are named"),
        (TSC + "Found 5 errors in 2 files.\n", "tsc", "counts 5"),
        ("<testsuite><testcase", "junit", "cannot be read"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><testsuite></testsuite>', "junit", ""),
        ("nothing", "junit", "no JUnit"),
    ],
)
def test_what_does_not_tell_all_says_so(text: str, parser: str, problem: str) -> None:
    assert problem in parse_output(text, parser, 1).problem


def test_junit_names_what_ran_was_skipped_and_passed_on_a_later_try() -> None:
    found = parse_output(JUNIT, "auto", 1)
    assert found.tests == {"a.B::one", "a.B::two", "a.B::four"}
    assert (found.skipped, found.retried) == ({"a.B::three"}, {"a.B::four": 1})


class _Bench:
    """A baseline taken by the task and compared by the check, with a command that prints a file."""

    def __init__(self, make: Make) -> None:
        self.make, self.here = make, make()
        self.effects: list[Effect] = []

    def say(self, text: str, code: int = 1) -> None:
        (self.here.folder / "says.txt").write_text(text)
        (self.here.folder / "run.sh").write_text(f"cat says.txt; exit {code}\n")

    def take(self, name: str = "types") -> Done:
        here = self.here
        context = TaskContext(
            runbook=Runbook("r"),
            task=Task("0.5", "baseline"),
            run="r",
            folder=here.folder,
            run_folder=here.run_folder or here.folder,
            environment=here.environment,
            values={},
            entries=(),
            keep=here.keep,
            effect=self.effects.append,
            tell=lambda text: None,
            is_stopped=lambda: False,
            timeout_s=60,
        )
        return perform(None, BaselineAction(name, "bash run.sh"), context)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry(n, EntryType.EFFECT, what=e.what, id=e.id, **e.facts) for n, e in enumerate(self.effects, 1))

    def ask(self, **fields: Any) -> Answer:
        check = TestsCheck(command="bash run.sh", **fields)
        return EVALUATORS["tests"](check, self.make(entries=self.entries))


@pytest.fixture
def bench(context: Make) -> _Bench:
    return _Bench(context)


def _errors(number: int) -> str:
    return "".join(f"src/f{n}.ts({n + 1},1): error TS1: wrong {n}\n" for n in range(number))


def test_249_of_the_same_set_pass_and_the_250th_fails_by_name(bench: _Bench) -> None:
    bench.say(_errors(249))
    assert bench.take().message == "baseline types: 249 known failures (tsc)"
    answer = bench.ask()
    assert answer.outcome is Outcome.OK
    assert answer.found == "no new errors (249 known): 249 (baseline 249)"
    bench.say(_errors(250))
    answer = bench.ask(baseline="types")
    assert (answer.outcome, answer.failure_class) == (Outcome.FAIL, FailureClass.CODE)
    assert answer.items == ("src/f249.ts TS1 wrong 249 (line 250)",)
    assert answer.found == "1 new: 250 (baseline 249)"
    bench.say(_errors(248) + "src/new.ts(1,1): error TS9: other\n")
    answer = bench.ask()
    assert answer.outcome is Outcome.FAIL and "src/new.ts" in answer.items[0]
    bench.say(_errors(249).replace(",1)", ",7)").replace("(1,", "(400,"))
    assert bench.ask().outcome is Outcome.OK
    bench.say("", 0)
    assert bench.ask().found == "no errors (baseline 249)"


def test_an_equal_finding_more_often_than_before_is_new(bench: _Bench) -> None:
    bench.say(TSC)
    bench.take()
    bench.say(TSC + TSC.splitlines()[0] + "\n")
    assert bench.ask().outcome is Outcome.FAIL


def _suite(*names: str, failed: tuple[str, ...] = (), skipped: tuple[str, ...] = ()) -> str:
    inner = {**dict.fromkeys(failed, "<failure/>"), **dict.fromkeys(skipped, "<skipped/>")}
    cases = "".join(f'<testcase name="{name}">{inner.get(name, "")}</testcase>' for name in names)
    return f"<testsuite>{cases}</testsuite>"


@pytest.mark.parametrize(
    ("later", "code", "outcome", "words"),
    [
        (_suite("a", "b", "c", failed=("c",)), 1, Outcome.OK, "no new errors (1 known)"),
        (_suite("a", "b", "c"), 0, Outcome.OK, "no errors (baseline 1)"),
        (_suite("a", "b", "c", "d"), 0, Outcome.OK, "4 tests ran"),
        (_suite("a", "c", failed=("c",)), 1, Outcome.FAIL, "did not run"),
        (_suite("a", "b", "c", skipped=("b",)), 0, Outcome.FAIL, "skipped"),
        (_suite("a", "b", "c", failed=("b", "c")), 1, Outcome.FAIL, "1 new"),
        (_suite("a", "b", "c"), 3, Outcome.FAIL, "1 new"),
        ("", 0, Outcome.FAIL, "3 fewer tests"),
        ("Segmentation fault", 139, Outcome.FAIL, "1 new"),
    ],
)
def test_tests_that_fail_disappear_or_are_skipped(
    later: str, code: int, outcome: Outcome, words: str, bench: _Bench
) -> None:
    bench.say(_suite("a", "b", "c", failed=("c",)))
    bench.take("tests")
    bench.say(later, code)
    answer = bench.ask()
    assert (answer.outcome, words in answer.found) == (outcome, True), answer


def test_without_a_baseline_or_with_another_file_it_is_unknown(bench: _Bench) -> None:
    bench.say(TSC)
    assert bench.ask().outcome is Outcome.UNKNOWN
    bench.take()
    path = next(bench.here.run_folder.glob("evidence/*types.json"))  # type: ignore[union-attr]
    path.write_text(path.read_text().replace("Cannot find name", "Cannot find nome"))
    answer = bench.ask()
    assert answer.outcome is Outcome.UNKNOWN and "changed after" in answer.found


def test_a_missing_tool_is_unknown_and_no_baseline(bench: _Bench) -> None:
    bench.say("bash: eslint: command not found", 127)
    assert bench.take().state is TaskState.FAILED
    assert bench.ask(is_="passed").outcome is Outcome.UNKNOWN


def test_failures_that_cannot_be_told_apart_are_unknown(bench: _Bench) -> None:
    bench.say("it broke")
    bench.take()
    assert bench.ask().outcome is Outcome.UNKNOWN
    bench.say("it works", 0)
    assert bench.ask().outcome is Outcome.OK


def test_known_failures_have_an_owner_and_a_day(bench: _Bench) -> None:
    bench.say(_suite("a", failed=("a",)))
    soon = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    known = KnownFailure(id="a", owner="ada", until=soon)
    answer = bench.ask(is_="passed", known=(known,))
    assert answer.outcome is Outcome.OK and "1 agreed failure" in answer.found
    for other in (
        KnownFailure(id="a", owner="ada", until="2020-01-01"),
        KnownFailure(id="a", owner="", until=soon),
        KnownFailure(id="b", owner="ada", until=soon),
        KnownFailure(id="a", owner="ada", until="some day"),
    ):
        assert bench.ask(is_="passed", known=(other,)).outcome is Outcome.FAIL


def test_a_flaky_test_is_told(bench: _Bench) -> None:
    first, then = _suite("a", failed=("a",)), _suite("a")
    script = f"if [ -e again ]; then echo '{then}'; else touch again; echo '{first}'; exit 1; fi\n"
    (bench.here.folder / "run.sh").write_text(script)
    answer = bench.ask(is_="passed", retries=1)
    assert answer.outcome is Outcome.OK and answer.found.startswith("passed (1 retry)")
    assert answer.items == ("passed on a later try: a",)


def test_a_report_file_must_be_this_commands(bench: _Bench) -> None:
    report = bench.here.folder / "report.xml"
    report.write_text(_suite("old"))
    import os

    os.utime(report, (1, 1))
    bench.say("", 0)
    assert bench.ask(is_="passed", parser="junit:report.xml").outcome is Outcome.UNKNOWN
    (bench.here.folder / "run.sh").write_text(f"echo '{_suite('new')}' > report.xml\n")
    assert bench.ask(is_="passed", parser="junit:report.xml").found == "passed, 1 test ran"


def test_output_of_the_task_that_was_cut_is_unknown(context: Make) -> None:
    cut = ShellResult("pnpm lint", 0, "a\n… 99 bytes left out …\nb", 0.1, output_bytes=999)
    answer = EVALUATORS["tests"](TestsCheck(is_="passed"), context(output=cut))
    assert answer.outcome is Outcome.UNKNOWN


_NAMES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 3), max_size=6)


@settings(max_examples=200, deadline=None)
@given(_NAMES, _NAMES)
def test_never_worse_means_every_count_at_most_what_it_was(before: dict[str, int], now: dict[str, int]) -> None:
    difference = compare_findings(Findings("tsc", now), Baseline("n", "c", "tsc", 1, before))
    assert difference.is_worse == any(count > before.get(name, 0) for name, count in now.items())
