"""The check ``schema``: the live schema is as the last stage should leave it, as desired, as before, or has parts."""

from __future__ import annotations

from contextlib import closing

from lockgate.engine.base import Scope
from lockgate.errors import RefusedError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model import codec
from lockgate.model.checks import DriftCheck, SchemaCheck
from lockgate.model.outcome import FailureClass, Outcome
from lockgate.model.schema import Schema
from lockgate.runbook.actions.common import fact_of, find_effects
from lockgate.runbook.checks import drift
from lockgate.runbook.checks.answers import answer, judge, unknown
from lockgate.runbook.checks.parts import find_part
from lockgate.runbook.checks.touched import words_of_change
from lockgate.runbook.target import TargetTools
from lockgate.workflow.verify import VerifyReport, verify_live

_CLASS = FailureClass.SCHEMA
_OUTCOMES = {"ok": Outcome.OK, "fail": Outcome.FAIL}


def evaluate(tools: TargetTools, check: SchemaCheck, context: CheckContext) -> Answer:
    """Ask for the whole schema, for parts, or both; every part must hold."""
    answers = [_whole(tools, check.is_, context)] if check.is_ else []
    if check.has or check.lacks:
        answers.append(_parts(tools, check))
    if not answers:
        return unknown("a schema", "the check does not say what the schema should be", _CLASS)
    return min(answers, key=lambda a: [Outcome.FAIL, Outcome.UNKNOWN, Outcome.OK].index(a.outcome))


def _whole(tools: TargetTools, wanted: str, context: CheckContext) -> Answer:
    if wanted == "expected":
        return _expected(tools, context)
    if wanted == "desired":
        return drift.evaluate(tools, DriftCheck(), context)
    if wanted == "before":
        return _before(tools, context)
    return _fingerprint(tools, wanted, f"fingerprint {wanted[:12]}")


def _expected(tools: TargetTools, context: CheckContext) -> Answer:
    """Compare with what the journal in the target says the last stage left."""
    expected = "what the last applied stage should have left"
    try:
        report = verify_live(tools.engine, tools.target, is_exact=False)
    except RefusedError:
        empty = [entry for entry in find_effects(context.entries, "plan") if fact_of(entry, "is_empty")]
        if empty:
            return _fingerprint(tools, str(fact_of(empty[-1], "after")), "the schema of the empty plan of this run")
        return unknown(expected, "no plan was ever applied here, so nothing says what to expect", _CLASS)
    items = tuple(words_of_change(change) for change in report.changes)
    return answer(_OUTCOMES.get(report.status, Outcome.UNKNOWN), expected, _words(report), _CLASS, items)


def _words(report: VerifyReport) -> str:
    if report.status == "ok":
        return f"equal: fingerprint {report.live[:12]}, {report.checks[0]}"
    if report.status == "fail":
        differences = f", {len(report.changes)} differences" if report.changes else ""
        return f"fingerprint {report.live[:12]}, expected {report.expected[:12]}{differences}"
    return "; ".join(report.notes) or "not everything could be compared"


def _before(tools: TargetTools, context: CheckContext) -> Answer:
    """Compare with the schema as this run found it: of its start, its first plan or its first checkpoint."""
    for entry in context.entries:
        found = fact_of(entry, "fingerprint") or fact_of(entry, "before")
        if isinstance(found, str) and found:
            return _fingerprint(tools, found, "the schema as this run found it")
    return unknown("the schema as this run found it", "the run has noted no fingerprint yet", _CLASS)


def _fingerprint(tools: TargetTools, wanted: str, words: str) -> Answer:
    live = codec.fingerprint(_inspect(tools))
    is_equal = len(wanted) >= 12 and live.startswith(wanted)
    return judge(is_equal, words, f"fingerprint {live[:12]}, expected {wanted[:12]}", _CLASS)


def _parts(tools: TargetTools, check: SchemaCheck) -> Answer:
    live = _inspect(tools)
    lines, is_ok = [], True
    for name, is_wanted in (*((n, True) for n in check.has), *((n, False) for n in check.lacks)):
        is_there = find_part(live, name)
        if is_there is None:
            return unknown(f"has {name}", f"{name!r} names no table, column, index, constraint or view", _CLASS)
        is_ok = is_ok and is_there is is_wanted
        if is_there is not is_wanted:
            lines.append(f"{name} is {'there' if is_there else 'missing'}")
    wanted = [*check.has, *(f"no {name}" for name in check.lacks)]
    return judge(is_ok, ", ".join(wanted), "; ".join(lines) or f"all {len(wanted)} as expected", _CLASS, tuple(lines))


def _inspect(tools: TargetTools) -> Schema:
    with closing(tools.engine.connect(tools.target, is_read_only=True)) as session:
        return tools.engine.inspect(session, tools.engine.identify(session), Scope())
