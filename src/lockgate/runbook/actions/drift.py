"""The task ``drift``: compare the live with the desired schema; the report is evidence, the repair a file, not run."""

from __future__ import annotations

from lockgate.diff.drift import DriftStatus
from lockgate.model.actions import Drift
from lockgate.model.outcome import FailureClass
from lockgate.report.fix import fix_sql
from lockgate.runbook.actions.common import done, failed, keep_json, path_in
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.checks.drift import RANKS, gaps_of, measure, words_of_drift
from lockgate.runbook.target import TargetTools
from lockgate.workflow.measure_drift import DriftOptions
from lockgate.workflow.propose_fix import propose_fix


def perform(tools: TargetTools, action: Drift, context: TaskContext) -> Done:
    """Measure drift. It fails above ``max_severity``, and when not everything could be compared."""
    report = measure(tools, action.desired)
    kept = [keep_json(context, "drift.json", report)]
    if action.fix and report.status is not DriftStatus.IN_SYNC:
        options = DriftOptions(
            scratch=tools.scratch, cache=tools.cache, acceptances=tools.acceptances(), today=tools.today
        )
        fix = propose_fix(tools.engine, tools.target, tools.desired_spec(action.desired), options)
        text = fix_sql(fix.report, fix.plan, fix.remediations, fix.notes)
        kept.append(context.keep("fix.sql", text.encode()))
        if not context.is_dry_run:
            path = path_in(context, action.fix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            context.effect(Effect("file", str(path), {"about": "staged SQL that mends the drift; it was not run"}))
    words = words_of_drift(report)
    if gaps_of(report):
        gap = gaps_of(report)[0]
        return failed(f"{words}, but not everything could be compared: {gap}", FailureClass.PROCESS, *kept)
    most = RANKS.get(action.max_severity, RANKS["critical"])
    loud = [entry for entry in report.changes if RANKS[entry.severity.value] > most]
    if loud:
        return failed(f"{len(loud)} above {action.max_severity}: {words}", FailureClass.SCHEMA, *kept)
    return done(words, *kept)
