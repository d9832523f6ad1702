"""Where the logs that checks will read stand at a beginning: written with the entry that tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lockgate.gate.evaluate_log import path_of_log
from lockgate.gate.log_marks import mark_log
from lockgate.model.checks import Check, LogCheck
from lockgate.model.runbook import Phase, Runbook, Task
from lockgate.runbook.engine.core import Core
from lockgate.runbook.variables import fill


def log_places(core: Core, since: str, checks: Iterable[Check]) -> dict[str, Any]:
    """Return ``logs`` for the body of an entry that begins something: the place of each log, by its name.

    Empty when no check counts from this beginning. Call it before the entry is written, so that nothing falls between.
    """
    wanted = [fill(check, core.options.values) for check in checks if isinstance(check, LogCheck)]
    names = dict.fromkeys(check.log for check in wanted if check.since == since)
    folder, facts, now = core.options.folder, core.options.facts, core.options.now()
    marks = {name: mark_log(path_of_log(name, folder, facts), name, now).facts() for name in names}
    return {"logs": marks} if marks else {}


def checks_of_task(task: Task) -> tuple[Check, ...]:
    """Return all checks of a task."""
    return (*task.before, *task.verify)


def checks_of_phase(phase: Phase) -> tuple[Check, ...]:
    """Return all checks of a phase, its tasks and its gate."""
    inner = tuple(check for task in phase.tasks for check in checks_of_task(task))
    return (*phase.before, *inner, *(phase.gate.checks if phase.gate else ()))


def checks_of_runbook(runbook: Runbook) -> tuple[Check, ...]:
    """Return all checks of a runbook."""
    return (*runbook.requires, *(check for phase in runbook.phases for check in checks_of_phase(phase)))
