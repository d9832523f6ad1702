"""The check ``touches``: since a checkpoint of this run only the declared tables' schema changed."""

from __future__ import annotations

from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import TouchesCheck
from lockgate.model.outcome import FailureClass
from lockgate.model.runbook import Touches
from lockgate.runbook.actions.common import find_effects
from lockgate.runbook.checks.answers import judge, unknown
from lockgate.runbook.checks.touched import name_beyond, tables_of_changes, words_of_change
from lockgate.runbook.target import TargetTools
from lockgate.workflow.at_checkpoint import changes_since

_CLASS = FailureClass.SCHEMA


def evaluate(tools: TargetTools, check: TouchesCheck, context: CheckContext) -> Answer:
    """Compare the live schema with the checkpoint of the task, else of the phase, else of the run."""
    expected = f"only {', '.join(check.tables)}" if check.tables else "no table"
    points = find_effects(context.entries, "checkpoint")
    own = [p for p in points if context.task and p.task == context.task]
    near = own or [p for p in points if context.phase and p.phase == context.phase] or list(points)
    if not near:
        return unknown(expected, "this run took no checkpoint to compare with", _CLASS)
    try:
        changes = changes_since(tools.engine, tools.target, str(near[0].body["id"]))
    except LockgateError as error:
        return unknown(expected, str(error), _CLASS)
    beyond = name_beyond(Touches(tables=check.tables), tables_of_changes(changes))
    items = tuple(words_of_change(change) for change in changes)
    return judge(not beyond, expected, beyond or f"{len(items)} changes, all within", _CLASS, items)
