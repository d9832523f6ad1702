"""The data level: bring a backup back beside the database, compare, swap; the application around it as it was.

What is lost is what was written since the backup; it is said before, counted where it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lockgate.backup.repository import Backup
from lockgate.backup.restores import RestoreLog
from lockgate.engine.base import ScratchOptions
from lockgate.errors import LockgateError, NoWayBack, RefusedError
from lockgate.model.outcome import RollbackLevel
from lockgate.model.procedure import Entry, TaskState
from lockgate.model.restore import Phase, RestorePlan, RestoreResult
from lockgate.model.runbook import Runbook
from lockgate.runbook.actions.common import done, failed, find_effects, keep_json, would
from lockgate.runbook.base import Done, Effect, TaskContext
from lockgate.runbook.checks.backup import is_of
from lockgate.runbook.target import TargetTools
from lockgate.workflow import restore_back
from lockgate.workflow.restore import restore
from lockgate.workflow.restore_plan import RestoreOptions, plan_restore


def options_of(tools: TargetTools, runbook: Runbook | None = None) -> RestoreOptions:
    """Return how to restore; a runbook's data level may name its own commands around the application."""
    level = next((item for item in (runbook.levels if runbook else ()) if item.level is RollbackLevel.DATA), None)
    named = {"state": level.state, "stop": level.stop, "start": level.start} if level else {}
    hooks = {**tools.backup.hooks, **{name: command for name, command in named.items() if command}}
    return RestoreOptions(
        is_forced=True,
        identities=tools.read_identities(),
        settings=replace(tools.backup, hooks=hooks),
        scratch=ScratchOptions(url=tools.scratch.url, holds_rows=True),
        patience=tools.patience,
        operator=tools.actor,
    )


def choose_backup(tools: TargetTools, name: str, entries: Sequence[Entry]) -> Backup:
    """Return the backup that is named; without a name the newest that this run took.

    Raises:
        NoWayBack: The run took none. RefusedError: It is of another database.
        InputError: There is no such backup.
    """
    repository = tools.open_repository()
    if not name:
        taken = [str(entry.body["id"]) for entry in find_effects(entries, "backup")]
        if not taken:
            raise NoWayBack(
                "this run took no backup, so nothing says which one to bring back",
                state="nothing was touched",
                hint="name one: lockgate backup list, then --to BACKUP",
            )
        name = taken[-1]
    found = repository.find(name)
    if not is_of(found.manifest, tools.target):
        raise RefusedError(
            f"the backup {found.id} is of the database {found.manifest.database}, the target is {tools.target.name}",
            state="nothing was touched",
            hint="a person may restore it: lockgate restore",
        )
    return found


def bring_back(tools: TargetTools, name: str, context: TaskContext) -> Done:
    """Restore a backup over the target; verified before anything is stopped, and again after the swap.

    Raises:
        BackupDamaged, RefusedError: Nothing was stopped and nothing touched.
        BackupFailed, FailedError: The old database is in place. InDoubtError: A person must look.
    """
    tools.refuse_agent("restore a backup")
    repository = tools.open_repository()
    backup = choose_backup(tools, name, context.entries)
    options = options_of(tools, context.runbook)
    plan = plan_restore(tools.engine, tools.target, repository, backup, options)
    context.tell(f"restoring {backup.id}: {words_of_loss(plan)}")
    for question in plan.questions:
        context.tell(f"going on although {question}")
    if context.is_dry_run:
        steps = context.keep(f"restore-{backup.id}.txt", "\n".join(plan.steps).encode())
        return would(f"restore {backup.id}; {words_of_loss(plan)}", steps)
    facts = {"backup": backup.id, "kept": plan.kept, "loses": words_of_loss(plan), "snapshot_at": plan.snapshot_at}
    context.effect(Effect("restore", plan.id, facts))
    result = restore(tools.engine, tools.target, repository, backup, plan, options, context.tell)
    return judge(result, context)


def judge(result: RestoreResult, context: TaskContext) -> Done:
    """Return what a restore came to; one that was not compared is not done but unknown."""
    kept = keep_json(context, f"restore-{result.restore}.json", result)
    words = f"{result.message}; {f'application: {result.app}; ' if result.app else ''}"
    if result.state != Phase.DONE.value:
        return failed(f"{words}it is {result.state}")
    words += f"the old database is kept as {result.kept}"
    if not result.is_verified:
        return Done(TaskState.UNKNOWN, f"{words}; rows and schema were NOT compared", (kept,))
    return done(f"{words}; rows, checksums and schema equal the manifest", kept)


def settle(tools: TargetTools, context: TaskContext) -> TaskState:
    """Go on with a restore of this task that was cut off; tell whether it is done."""
    log = RestoreLog(tools.open_repository().root)
    made = find_effects(context.entries, "restore", context.task.id)
    if not made:
        return TaskState.PENDING
    name = str(made[-1].body["id"])
    item = next((item for item in log.list() if item.id == name), None)
    if item is None:
        return TaskState.PENDING
    if item.phase.is_at_rest:
        return TaskState.DONE if item.phase is Phase.DONE else TaskState.PENDING
    options = options_of(tools, context.runbook)
    result = restore_back.resume(tools.engine, tools.target, tools.open_repository(), options, context.tell)
    return TaskState.DONE if result.state == Phase.DONE.value and result.is_verified else TaskState.UNKNOWN


def loss_of(tools: TargetTools, name: str, entries: Sequence[Entry] = (), runbook: Runbook | None = None) -> str:
    """Return in words what bringing a backup back would lose; where it cannot be estimated it says so."""
    try:
        backup = choose_backup(tools, name, entries)
        plan = plan_restore(tools.engine, tools.target, tools.open_repository(), backup, options_of(tools, runbook))
    except LockgateError as error:
        return f"what would be lost is unknown: {error}"
    return words_of_loss(plan)


def words_of_loss(plan: RestorePlan) -> str:
    """Return ``would lose writes since 14:02 (≈ 3 812 rows in 4 tables)``.

    Rows are counted as the difference to the backup's counts: updates do not show in it, so it is a lower bound.
    """
    moment = _moment(plan.snapshot_at)
    if all(item.now == max(item.backup, 0) for item in plan.lost):
        return f"would lose writes since {moment} (no table has another number of rows; updates are not counted)"
    unknown = [item for item in plan.lost if item.now < 0]
    rows = sum(abs(item.now - max(item.backup, 0)) for item in plan.lost if item.now >= 0)
    count = f"{rows:,}".replace(",", " ")
    tables = f"{len(plan.lost)} table{'' if len(plan.lost) == 1 else 's'}"
    open_part = f", {len(unknown)} of them not there now" if unknown else ""
    return f"would lose writes since {moment} (≈ {count} rows in {tables}{open_part}; updates are not counted)"


def _moment(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%H:%M} UTC of {text[:10]}"
    except ValueError:
        return text
