"""The task ``index``: build or drop exactly one index, by a plan of its own: online where the engine can."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from lockgate.engine.base import Scope
from lockgate.errors import RefusedError
from lockgate.model.actions import Index
from lockgate.model.outcome import FailureClass
from lockgate.model.plan import Plan, encode_plan
from lockgate.model.procedure import TaskState
from lockgate.runbook.actions.apply import patience_of, probe_plan, run_plan
from lockgate.runbook.actions.common import done, failed, would
from lockgate.runbook.actions.plan import make, plan_effect, words_of_plan
from lockgate.runbook.base import Done, TaskContext
from lockgate.runbook.checks.touched import outside_of
from lockgate.runbook.target import TargetTools
from lockgate.workflow.plan_file import read_plan_file, write_plan_file

_KINDS = ("add_index", "drop_index")


def perform(tools: TargetTools, action: Index, context: TaskContext) -> Done:
    """Plan what the statement changes, see that it is one index and nothing else, and apply that plan."""
    plan = _plan(tools, action, context)
    if plan.is_empty:
        return done("the live schema is already so; nothing was done")
    what = one_index(plan)
    beyond = outside_of(context.task.touches, plan.steps)
    if beyond:
        return failed(f"the statement touches what the task does not declare: {beyond}; nothing was touched")
    if context.is_dry_run:
        statements = [statement.sql for step in plan.steps for statement in step.statements]
        return would(f"{what}", context.keep("index.sql", "\n".join(statements).encode()))
    tools.refuse_agent("change an index")
    path = _file(context)
    write_plan_file(path, encode_plan(plan))
    context.effect(plan_effect(plan, str(path)))
    ended = run_plan(tools, plan, 0, context, patience_of(tools, action))
    return Done(ended.state, f"{what}: {ended.message}", ended.evidence, failure_class=FailureClass.SCHEMA)


def _plan(tools: TargetTools, action: Index, context: TaskContext) -> Plan:
    """Plan from the live schema to the live schema with the statement added, which a scratch reads."""
    with closing(tools.engine.connect(tools.target, is_read_only=True)) as session:
        server = tools.engine.identify(session)
        live = tools.engine.render_schema(tools.engine.inspect(session, server, Scope()), server)
    script = ";\n".join((*live, action.sql.strip().rstrip(";"))) + ";\n"
    file = context.run_folder / f"{context.task.id}-desired.sql"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script, encoding="utf-8")
    try:
        return make(tools, str(file), ("all",)).plan
    finally:
        file.unlink()


def one_index(plan: Plan) -> str:
    """Return what a plan does when it is one index and nothing else.

    Raises:
        RefusedError: It does more, or something else.
    """
    notes = [note for step in plan.steps for note in step.changes]
    if len(notes) != 1 or notes[0].kind not in _KINDS:
        found = ", ".join(f"{note.kind} {note.object}" for note in notes[:5]) or words_of_plan(plan)
        raise RefusedError(
            "the statement is not one index",
            cause=f"it would do: {found}",
            state="nothing was touched",
            hint="one index for each task; other changes belong into a plan",
        )
    return f"{notes[0].kind.replace('_', ' ')} {notes[0].object}"


def _file(context: TaskContext) -> Path:
    return context.run_folder / "plans" / f"{context.task.id}.json"


def probe(tools: TargetTools, action: Index, context: TaskContext) -> TaskState:
    """Look for the task's plan in the target's journal; without a plan nothing was begun."""
    path = _file(context)
    return probe_plan(tools, read_plan_file(str(path)), 0, context) if path.is_file() else TaskState.PENDING
