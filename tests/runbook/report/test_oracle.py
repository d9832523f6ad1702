"""Random runs against an oracle that does not know the journal: nothing unknown, left out or missing becomes green."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.model.outcome import CheckResult, Outcome
from lockgate.model.procedure import EntryType, RunStatus
from lockgate.model.procedure_report import ProcedureReport
from lockgate.runbook.run_reports import report_of
from tests.runbook.report.journal import Maker, result, waiver

RUNBOOK = """
runbook: any
phases:
- id: "1"
  title: One
  tasks:
  - {id: "1.1", title: A, do: {sh: "true"}, verify: [{http: x}]}
  - {id: "1.2", title: B, do: {manual: look}}
  gate: {id: gate-1, checks: [{http: x}]}
- id: "2"
  title: Two
  tasks:
  - {id: "2.1", title: C, do: {sh: "true"}}
"""
GOOD, WAIVED, LEFT, BAD = "good", "waived", "left", "bad"
CHECKS = {"ok": GOOD, "waived": WAIVED, "fail": BAD, "unknown": BAD, "nobody": BAD, "missing": BAD}
TASKS = {"done": GOOD, "failed": BAD, "unknown": BAD, "cut": BAD, "never": BAD, "skip": LEFT, "defer": LEFT,
         "refused": BAD}  # fmt: skip
ENDS = ["complete", "complete with waivers", "complete with deferrals", "stopped", "rolled back", ""]


def _result(name: str, kind: str) -> tuple[CheckResult, ...]:
    if kind == "missing":
        return ()
    outcome = Outcome.WAIVED if kind in ("waived", "nobody") else Outcome(kind)
    return (result(name, outcome, waiver=waiver(name) if kind == "waived" else None),)


def _task(maker: Maker, name: str, kind: str, check: str) -> None:
    if kind == "cut":
        maker.write(EntryType.TASK_STARTED, {}, phase=name[0], task=name)
    elif kind in ("skip", "defer", "refused"):
        more = {"refused": "no right"} if kind == "refused" else {}
        maker.decide("skip" if kind == "refused" else kind, name, **more)
    elif kind != "never":
        maker.task(name, kind, *(_result(f"{name}/verify/1", check) if check else ()))


def _story(maker: Maker, tasks: list[str], checks: list[str], attested: bool, end: str, back: str) -> None:
    maker.start()
    maker.phase("1")
    _task(maker, "1.1", tasks[0], checks[0])
    if attested:
        maker.decide("attest", "1.2")
    _task(maker, "1.2", tasks[1], "")
    maker.gate("open", *_result("gate-1/1", checks[1]))
    maker.phase("1", is_end=True)
    maker.phase("2")
    _task(maker, "2.1", tasks[2], "")
    maker.phase("2", is_end=True)
    if back:
        maker.write(EntryType.ROLLBACK_STARTED, {"level": "schema"})
        maker.write(EntryType.ROLLBACK_ENDED, {"level": "schema", "state": back})
    if end:
        maker.end(end)


def _oracle(tasks: list[str], checks: list[str], attested: bool, end: str, back: str) -> RunStatus | None:
    """Return the only complete status that is earned, None when none is."""
    parts = [TASKS[kind] for kind in tasks] + [CHECKS[checks[1]]]
    if TASKS[tasks[0]] == GOOD:
        parts.append(CHECKS[checks[0]])
    if TASKS[tasks[1]] == GOOD and not attested:
        parts.append(BAD)
    if BAD in parts or not end or back:
        return None
    if LEFT in parts:
        return RunStatus.COMPLETE_WITH_DEFERRALS
    return RunStatus.COMPLETE_WITH_WAIVERS if WAIVED in parts else RunStatus.COMPLETE


_often = st.sampled_from(["done"] * 8 + list(TASKS))
_checks = st.sampled_from(["ok"] * 5 + list(CHECKS))


@settings(max_examples=60, deadline=None)
@given(
    tasks=st.lists(_often, min_size=3, max_size=3),
    checks=st.lists(_checks, min_size=2, max_size=2),
    attested=st.sampled_from([True, True, True, False]),
    end=st.sampled_from(ENDS),
    back=st.sampled_from(["", "", "", "", "done", "failed"]),
)
def test_a_run_is_complete_exactly_where_everything_is_shown(
    tasks: list[str], checks: list[str], attested: bool, end: str, back: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(Path(folder), RUNBOOK)
        maker.home.rmdir()
        _story(maker, tasks, checks, attested, end, back)
        maker.record.close()
        report = report_of(maker.folder)
    earned = _oracle(tasks, checks, attested, end, back)

    assert report.standing.status.is_complete == (earned is not None), report.standing
    if earned is not None:
        assert report.standing.status is earned
    assert report.standing.is_good == (earned is not None and end == earned.value)
    _is_never_greener_than_its_parts(report)


def _is_never_greener_than_its_parts(report: ProcedureReport) -> None:
    if report.standing.status.is_complete:
        assert all(gate.is_open for gate in report.gates)
        assert all(task.is_done or task.state.value in ("skipped", "deferred") for task in report.tasks)
    if not report.standing.is_good:
        assert report.standing.reasons or report.standing.open or report.standing.conflict or report.rollbacks
