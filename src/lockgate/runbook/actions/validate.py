"""The task ``validate``: look for defects in schema, rows, migrations and conventions; the report is evidence."""

from __future__ import annotations

from lockgate.model.actions import Validate
from lockgate.model.finding import CheckStatus
from lockgate.runbook.actions.common import done, failed, keep_json
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.checks.validate import look, words_of
from lockgate.runbook.target import TargetTools
from lockgate.workflow.pending_migrations import read_journal
from lockgate.workflow.subject import ValidateOptions


def perform(tools: TargetTools, action: Validate, context: TaskContext) -> Done:
    """Look; what is found is for a check to judge, but nothing looked at is a failure."""
    found = look(tools, action.only, action.migrations)
    kept = [keep_json(context, "validate.json", found.report)]
    folder = tools.migrations_folder(action.migrations)
    if folder and (not action.only or "history" in action.only):
        snapshot = read_journal(ValidateOptions(target=tools.target, migrations=folder, scratch=tools.scratch))
        kept.append(keep_json(context, "migrations.json", snapshot))
    for text in found.left_out:
        context.tell(f"left out {text}")
    if found.report.status is CheckStatus.NOT_RUN:
        return failed(f"nothing was looked at: {'; '.join(found.report.unknown)}")
    unknown = f"; not looked at: {'; '.join(found.report.unknown)}" if found.report.unknown else ""
    return done(words_of(found.report) + unknown, *kept)
