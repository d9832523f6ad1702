"""Check ``tests``: a command's failures are no worse than before, finding by finding; old ones are always told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lockgate.gate.asking import count, cut, fail, ok, output_evidence, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.gate.baseline.findings import Baseline, Difference, Findings, compare_findings
from lockgate.gate.baseline.look import Looked, find_baseline, look, read_result
from lockgate.model.checks import TestsCheck
from lockgate.model.outcome import FailureClass

_BY_CODE = "exit code"


@dataclass(frozen=True)
class _Tried:
    """The last of some tries, how many there were, and what failed in an earlier one only."""

    looked: Looked
    difference: Difference
    tries: int = 1
    flaky: tuple[str, ...] = ()


def evaluate_tests(check: TestsCheck, context: CheckContext) -> Answer:
    """Run the command (or read the task's output) and compare with the baseline."""
    wants_all = check.is_ in ("passed", "pass")
    expected = "no failure" if wants_all else "no new failure"
    if not wants_all and check.is_ != "no_worse_than_baseline":
        return unknown(expected, f"is: {check.is_!r} is neither no_worse_than_baseline nor passed")
    command = check.command or (context.output.command if context.output else "")
    if not command:
        return unknown(expected, "there is no command: the check names none and the task ran none")
    before = Baseline("", command, "", 0)
    if not wants_all:
        found, why = find_baseline(check.baseline, command, context.entries, context.run_folder, context.folder)
        if found is None:
            return unknown(expected, why)
        before = found
        expected = f"no new failure (baseline {before.total})"
    tried = _try(check, command, before, context)
    evidence = output_evidence(tried.looked.result, context)
    answer = _judge(check, tried, before, expected, wants_all, context)
    return Answer(
        answer.outcome,
        answer.expected,
        answer.found,
        answer.items,
        evidence,
        FailureClass.CODE,
        attempts=tried.tries,
    )


def _try(check: TestsCheck, command: str, before: Baseline, context: CheckContext) -> _Tried:
    """Look once, and again up to ``retries`` times while something is worse; what then passes is flaky."""
    tried = _look(check, command, before, context)
    first = tried.difference.new
    while check.command and tried.tries <= check.retries and tried.difference.is_worse and not tried.looked.problem:
        again = _look(check, command, before, context)
        flaky = tuple(name for name in first if name not in again.difference.new)
        tried = _Tried(again.looked, again.difference, tried.tries + 1, flaky)
    return tried


def _look(check: TestsCheck, command: str, before: Baseline, context: CheckContext) -> _Tried:
    if check.command:
        looked = look(
            check.command,
            check.parser,
            folder=context.folder,
            environment=context.environment,
            is_stopped=context.is_stopped,
        )
    else:
        assert context.output is not None
        result = context.output
        since = context.started.get("task")
        looked = read_result(result, result.output, check.parser, context.folder, since.timestamp() if since else 0.0)
        if "bytes left out" in result.output and result.output_bytes > len(result.output):
            looked = Looked(result, looked.findings, "the output is longer than what is kept of it")
    known = _known_now(check, context)
    difference = compare_findings(looked.findings, before)
    new = {name: more for name, more in difference.new.items() if name not in known}
    return _Tried(looked, Difference(new, difference.gone, difference.skipped, difference.fewer))


def _known_now(check: TestsCheck, context: CheckContext) -> set[str]:
    today = context.now().date()
    return {item.id for item in check.known if item.owner and _day(item.until) >= today}


def _day(text: str) -> date:
    """Return a day; what is none is over."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _judge(
    check: TestsCheck, tried: _Tried, before: Baseline, expected: str, wants_all: bool, context: CheckContext
) -> Answer:
    looked, difference, found = tried.looked, tried.difference, tried.looked.findings
    if looked.problem:
        worse = [found.words.get(name, name) for name in difference.new]
        if worse and looked.result.code is not None:
            return fail(expected, f"{count(len(worse), 'new failure')}, and {looked.problem}", items=cut(worse))
        return unknown(expected, looked.problem)
    same_code = [name for name in found.failed if name.startswith(_BY_CODE) and name in before.failed]
    if same_code and not difference.is_worse:
        return unknown(expected, f"{same_code[0]}, as in the baseline: what failed then and now cannot be told apart")
    if difference.is_worse:
        return fail(expected, _worse(difference, found, before, wants_all), items=_items(difference, found, check))
    return ok(expected, _good(found, before, tried, wants_all, check, context), items=cut(_flaky_items(found, tried)))


def _worse(difference: Difference, found: Findings, before: Baseline, wants_all: bool) -> str:
    new = sum(difference.new.values())
    parts = []
    if new and wants_all:
        parts.append(count(new, "failure"))
    elif new:
        parts.append(f"{new} new: {found.total} (baseline {before.total})")
    if difference.gone:
        parts.append(f"{count(len(difference.gone), 'test')} of the baseline did not run")
    if difference.skipped:
        parts.append(f"{count(len(difference.skipped), 'test')} of the baseline skipped")
    if difference.fewer:
        parts.append(f"{difference.fewer} fewer tests ran than in the baseline ({found.ran} of {before.ran})")
    return "; ".join(parts)


def _items(difference: Difference, found: Findings, check: TestsCheck) -> tuple[str, ...]:
    over = {item.id: f" (known until {item.until}, {item.owner})" for item in check.known}
    rows = [
        found.words.get(name, name) + (f" ({more} more)" if more > 1 else "") + over.get(name, "")
        for name, more in difference.new.items()
    ]
    rows += [f"did not run: {name}" for name in difference.gone]
    rows += [f"skipped: {name}" for name in difference.skipped]
    return cut(rows)


def _good(
    found: Findings, before: Baseline, tried: _Tried, wants_all: bool, check: TestsCheck, context: CheckContext
) -> str:
    """Say what passed, with what is known to fail beside it."""
    known = _known_now(check, context) & set(found.failed)
    ran = f"{count(found.ran, 'test')} ran" if found.ran else ""
    if not found.total:
        words = "passed" if wants_all or not before.total else f"no errors (baseline {before.total})"
    elif found.parser == "exit":
        words = "no errors"
    else:
        words = f"no new errors ({found.total} known): {found.total} (baseline {before.total})"
    again = tried.tries - 1 or max(found.retried.values(), default=0)
    parts = [words + (f" ({again} {'retry' if again == 1 else 'retries'})" if again else "")]
    parts += [ran] if ran else []
    parts += [f"{count(len(known), 'agreed failure')}"] if known else []
    return ", ".join(parts)


def _flaky_items(found: Findings, tried: _Tried) -> list[str]:
    return [f"passed on a later try: {name}" for name in (*tried.flaky, *sorted(found.retried))]
