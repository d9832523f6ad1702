"""Put a world together of what does tasks, asks checks, takes levels, watches and tells people; name what is missing.

A kind is known when some part knows it. A runbook that uses another kind is refused before it begins.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from lockgate.errors import ConfigError
from lockgate.gate.base import Answer, CheckContext, Evaluate
from lockgate.gate.evaluators import EVALUATORS
from lockgate.model.outcome import Outcome, RollbackLevel
from lockgate.model.runbook import Runbook
from lockgate.monitor.base import Judgement, Watcher
from lockgate.runbook import sh
from lockgate.runbook.actions.registry import build_perform, build_probe
from lockgate.runbook.base import Done, LevelAsk, Perform, Probe, TaskContext, World
from lockgate.runbook.checks.registry import build_evaluate
from lockgate.runbook.levels.choose import build_loss_window, build_take_back
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
    parts: Sequence[Parts] = (),
    set_aside: Callable[[], AbstractContextManager[None]],
    tell_people: Callable[[str, str, str], None],
    describe_target: Callable[[], Mapping[str, str]],
) -> World:
    """Return the world of a run on a target. ``set_aside`` lets go of the run's lease while a restore is at work."""
    whole = (
        Parts(build_perform(tools), build_probe(tools), build_evaluate(tools)),
        Parts(evaluate=EVALUATORS),
        Parts(sh.PERFORM, sh.PROBE),
        monitor_parts(watcher),
        *parts,
    )
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


def load_parts(module: str, function: str, *arguments: Any) -> Parts:
    """Return the parts that a module of another area builds."""
    parts: Parts = getattr(importlib.import_module(module), function)(*arguments)
    return parts


def monitor_parts(watcher: Watcher) -> Parts:
    """Return what the runbook's own monitors answer: that each gives values, that one's rule holds."""

    def ask_all(check: Any, context: CheckContext) -> Answer:
        decisions = watcher.decisions()
        names = tuple(check.names) or tuple(decisions)
        silent = {hold.monitor: hold.why for hold in watcher.holds()}
        lines = [f"{name}: {silent.get(name) or 'no value yet'}" for name in names if not _gives(name)]
        expected = f"a value from each of {len(names)} monitors"
        if not names:
            return Answer(Outcome.UNKNOWN, expected, "the runbook has no monitors")
        if lines:
            return Answer(Outcome.UNKNOWN, expected, "; ".join(lines), tuple(lines))
        return Answer(Outcome.OK, expected, "; ".join(decisions[name].sentence for name in names)[:400])

    def _gives(name: str) -> bool:
        silent = {hold.monitor for hold in watcher.holds()}
        return name in watcher.decisions() and name not in silent

    def ask_one(check: Any, context: CheckContext) -> Answer:
        decision, expected = watcher.decisions().get(check.monitor), f"the rule of {check.monitor} holds"
        if decision is None or not _gives(check.monitor):
            return Answer(Outcome.UNKNOWN, expected, f"{check.monitor} gives no value")
        outcome = {Judgement.OK: Outcome.OK, Judgement.BREACH: Outcome.FAIL}.get(decision.judgement, Outcome.UNKNOWN)
        return Answer(outcome, expected, decision.sentence)

    def prove(action: Any, context: TaskContext) -> Done:
        from lockgate.model.procedure import TaskState

        names = tuple(action.names) or tuple(watcher.decisions())
        if context.is_dry_run:
            return Done(TaskState.DONE, "would ask every monitor for a value")
        silent = [name for name in names if not _gives(name)]
        if silent or not names:
            return Done(TaskState.FAILED, f"no value from {', '.join(silent) or 'any monitor: there is none'}")
        return Done(TaskState.DONE, f"{len(names)} monitors give values: {', '.join(names)}")

    return Parts({"monitors": prove}, {}, {"monitors": ask_all, "metric": ask_one})


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
