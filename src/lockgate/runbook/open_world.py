"""Put a world together of what does tasks, asks checks, takes levels, watches and tells people; name what is missing.

A kind is known when some part knows it. A runbook that uses another kind is refused before it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from lockgate.errors import ConfigError
from lockgate.gate.base import Evaluate
from lockgate.gate.evaluators import EVALUATORS
from lockgate.model.outcome import RollbackLevel
from lockgate.model.procedure import TaskState
from lockgate.model.runbook import Runbook
from lockgate.monitor.base import Watcher
from lockgate.runbook import sh
from lockgate.runbook.actions.registry import build_perform, build_probe
from lockgate.runbook.actions_people import build_documents_people, build_perform_people, build_probe_people
from lockgate.runbook.base import Done, LevelAsk, Perform, Probe, TaskContext, World
from lockgate.runbook.checks.registry import build_evaluate
from lockgate.runbook.checks_people import build_evaluate_people
from lockgate.runbook.levels.choose import build_loss_window, build_take_back
from lockgate.runbook.monitor_checks import monitor_evaluators
from lockgate.runbook.people_tools import PeopleTools
from lockgate.runbook.target import TargetTools

_ALONE = ("restore",)


@dataclass(frozen=True)
class Parts:
    """What one area adds: what does kinds of tasks, looks after interrupted ones, asks kinds of checks."""

    perform: Mapping[str, Perform] = field(default_factory=dict)
    probe: Mapping[str, Probe] = field(default_factory=dict)
    evaluate: Mapping[str, Evaluate] = field(default_factory=dict)


def open_world(
    tools: TargetTools,
    watcher: Watcher,
    *,
    people: PeopleTools | None = None,
    set_aside: Callable[[], AbstractContextManager[None]],
    tell_people: Callable[[str, str, str], None],
    describe_target: Callable[[], Mapping[str, str]],
) -> World:
    """Return the world of a run on a target. ``set_aside`` lets go of the run's lease while a restore is at work."""
    whole: tuple[Parts, ...] = (
        Parts(build_perform(tools), build_probe(tools), build_evaluate(tools)),
        Parts(evaluate=EVALUATORS),
        Parts(sh.PERFORM, sh.PROBE),
        monitor_parts(watcher),
    )
    if people is not None:
        whole = (*whole, people_parts(people, whole[0].perform["document"]))
    perform = {kind: function for part in whole for kind, function in part.perform.items()}
    for kind in _ALONE:
        if kind in perform:
            perform[kind] = _alone(perform[kind], set_aside)
    take_back = build_take_back(tools)

    def go_back(ask: LevelAsk, context: TaskContext) -> Done:
        if ask.level is not RollbackLevel.DATA:
            return take_back(ask, context)
        with set_aside():
            return take_back(ask, context)

    return World(
        perform=perform,
        probe={kind: function for part in whole for kind, function in part.probe.items()},
        evaluate={kind: function for part in whole for kind, function in part.evaluate.items()},
        take_back=go_back,
        loss_window=build_loss_window(tools),
        watcher=watcher,
        tell_people=tell_people,
        describe_target=describe_target,
    )


def check_kinds(runbook: Runbook, world: World) -> None:
    """Refuse a runbook that uses a kind of task or check nobody here knows.

    Raises:
        ConfigError: The kinds, with where they stand.
    """
    missing = []
    for task in runbook.tasks:
        for action in (task.do, task.revert):
            kind = _tag(action) if action is not None else "manual"
            if kind not in world.perform:
                missing.append(f"task {task.id}: {kind}")
        missing += [f"task {task.id}: check {_tag(c)}" for c in (*task.before, *task.verify) if _is_unknown(c, world)]
    for phase in runbook.phases:
        checks = (*phase.before, *(phase.gate.checks if phase.gate is not None else ()))
        missing += [f"phase {phase.id}: check {_tag(check)}" for check in checks if _is_unknown(check, world)]
    missing += [f"requires: check {_tag(check)}" for check in runbook.requires if _is_unknown(check, world)]
    if missing:
        raise ConfigError(
            "the runbook uses kinds of tasks or checks that nothing here can do",
            where=runbook.runbook,
            cause="; ".join(missing[:8]),
            state="nothing was touched",
            hint="lockgate runbook lint",
        )


def monitor_parts(watcher: Watcher) -> Parts:
    """Return what the run's own watch answers, and the task that proves that every monitor gives a value."""
    ask = monitor_evaluators(watcher)

    def prove(action: Any, context: TaskContext) -> Done:
        if context.is_dry_run:
            return Done(TaskState.DONE, "would ask every monitor for a value")
        silent = {hold.monitor for hold in watcher.holds()}
        names = tuple(action.names) or tuple(watcher.decisions())
        missing = [name for name in names if name in silent or name not in watcher.decisions()]
        if missing or not names:
            return Done(TaskState.FAILED, f"no value from {', '.join(missing) or 'any monitor: the run has none'}")
        return Done(TaskState.DONE, f"{len(names)} monitors give values: {', '.join(names)}")

    return Parts({"monitors": prove}, {}, ask)


def people_parts(tools: PeopleTools, document: Perform) -> Parts:
    """Return what does tasks and asks checks about people; documents about people before all others."""
    own = build_documents_people(tools)

    def write(action: Any, context: TaskContext) -> Done:
        return own.get(action.make, document)(action, context)

    return Parts(
        {**build_perform_people(tools), "document": write}, build_probe_people(tools), build_evaluate_people(tools)
    )


def _alone(perform: Perform, set_aside: Callable[[], AbstractContextManager[None]]) -> Perform:
    def call(action: Any, context: TaskContext) -> Done:
        if context.is_dry_run:
            return perform(action, context)
        with set_aside():
            return perform(action, context)

    return call


def _is_unknown(check: Any, world: World) -> bool:
    return _tag(check) not in world.evaluate


def _tag(value: Any) -> str:
    return str(type(value).__struct_config__.tag)
