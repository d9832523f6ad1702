"""A dry run: each action says what it would do; nothing is journaled, nothing on the target is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lockgate.errors import LockgateError
from lockgate.gate.base import title_of
from lockgate.model.actions import Document, Manual, Plan, Sh
from lockgate.model.outcome import Evidence
from lockgate.model.procedure import TaskState
from lockgate.model.runbook import Task
from lockgate.outside.shell import build_environment
from lockgate.runbook.base import TaskContext, World
from lockgate.runbook.engine.core import check_times
from lockgate.runbook.engine.options import EngineOptions
from lockgate.runbook.engine.order import check_order, order_tasks
from lockgate.runbook.engine.start import check_selection
from lockgate.runbook.lock import Lock
from lockgate.runbook.variables import command_of, fill, named_in


@dataclass(frozen=True)
class WouldDo:
    """What one task would do; ``is_ok`` False: it would be refused, or what it would do cannot be told."""

    phase: str
    task: str
    title: str
    kind: str
    text: str
    is_ok: bool
    checks: tuple[str, ...] = ()


def dry_run(lock: Lock, world: World, folder: Path, options: EngineOptions) -> tuple[WouldDo, ...]:
    """Ask each task of the chosen part what it would do. What depends on an earlier task's effect may say so.

    Raises:
        ConfigError: The runbook cannot be run as it is.
    """
    check_times(lock)
    check_order(lock.runbook)
    check_selection(lock.runbook, options)
    found: list[WouldDo] = []
    made: dict[str, str] = {}
    for phase in lock.runbook.phases:
        if options.only_phase and phase.id != options.only_phase:
            continue
        for task in order_tasks(phase):
            found.append(_ask(lock, world, folder, options, phase.id, task, made))
            made |= dict.fromkeys(_made_by(task), task.id)
            if options.until == task.id:
                return tuple(found)
        if options.until in (phase.id, phase.gate.id if phase.gate else phase.id):
            return tuple(found)
    return tuple(found)


def _made_by(task: Task) -> tuple[str, ...]:
    """Return the files that a task says it writes."""
    if isinstance(task.do, Plan | Document):
        return (task.do.output,) if task.do.output else ()
    return task.do.writes if isinstance(task.do, Sh) else ()


def _ask(
    lock: Lock, world: World, folder: Path, options: EngineOptions, phase: str, task: Task, made: Mapping[str, str]
) -> WouldDo:
    action: Any = task.do if task.do is not None else Manual(text=task.title)
    kind = str(type(action).__struct_config__.tag)
    titles = tuple(check.title or title_of(check) for check in task.verify)
    file = str(getattr(action, "plan", ""))
    if file in made:
        text = f"would {kind} {file}, which task {made[file]} writes before"
        return WouldDo(phase, task.id, task.title, kind, text, True, titles)
    try:
        filled = fill(action, options.values)
        done = world.perform[kind](filled, _context(lock, folder, options, task, filled))
        text, is_ok = done.message, done.state is TaskState.DONE
    except LockgateError as error:
        text, is_ok = str(error), False
    return WouldDo(phase, task.id, task.title, kind, text, is_ok, titles)


def _context(lock: Lock, folder: Path, options: EngineOptions, task: Task, action: Any) -> TaskContext:
    extra = named_in(command_of(action), options.values)
    return TaskContext(
        runbook=lock.runbook,
        task=task,
        run="dry-run",
        folder=options.folder,
        run_folder=folder,
        environment=build_environment(options.environ, getattr(action, "env", ()), extra),
        values=options.values,
        entries=(),
        keep=lambda name, data: Evidence(name=name, bytes=len(data)),
        effect=lambda effect: None,
        tell=options.tell,
        is_stopped=lambda: options.wish.is_stop,
        timeout_s=options.default_timeout_s,
        is_dry_run=True,
    )
