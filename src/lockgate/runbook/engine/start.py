"""Which part of a runbook a run is asked to do, and whether it may begin there."""

from __future__ import annotations

from lockgate.errors import ConfigError
from lockgate.model.procedure import EntryType, RunStatus, TaskState
from lockgate.model.runbook import Phase, Runbook
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.options import EngineOptions, Stop

_SETTLED = (TaskState.DONE, TaskState.SKIPPED, TaskState.DEFERRED)


def check_selection(runbook: Runbook, options: EngineOptions) -> None:
    """Refuse ids that name nothing.

    Raises:
        ConfigError: The option and what there is.
    """
    phases = [phase.id for phase in runbook.phases]
    everything = [*phases, *(task.id for task in runbook.tasks), *(gate.id for gate in runbook.gates)]
    for option, name, known in (
        ("--phase", options.only_phase, phases),
        ("--until", options.until, everything),
        ("--from", options.start_from, everything),
    ):
        if name and name not in known:
            raise ConfigError(
                f"{option} {name} names nothing in {runbook.runbook}",
                where=option,
                cause=f"it has {', '.join(known)}",
                state="nothing was touched",
                hint="lockgate runbook show RUNBOOK",
            )


def start_from(core: Core) -> None:
    """With ``--from``: pass over earlier phases only where they ended, or a recorded waiver answers for their gate.

    Raises:
        Stop: A gate before was not passed.
    """
    name = core.options.start_from
    for phase in core.lock.runbook.phases if name else ():
        if _is_in(phase, name):
            _check_tasks_before(core, phase, name)
            return
        if core.state.is_ended(phase):
            continue
        waiver = next((w for w in core.waivers() if phase.gate is not None and w.check == phase.gate.id), None)
        if waiver is None:
            raise Stop(
                RunStatus.STOPPED,
                f"--from {name}: phase {phase.id} before it did not pass its gate, and no waiver answers for that",
                hint=core.resume,
            )
        for task in phase.tasks:
            if core.state.tasks[task.id].state not in _SETTLED:
                body = {"what": "skip", "subject": task.id, "by": waiver.by, "role": waiver.role}
                reason = f"--from {name}, by the waiver of {waiver.check}: {waiver.reason}"
                core.write(EntryType.DECIDED, {**body, "reason": reason}, phase=phase.id, task=task.id)
                core.write(EntryType.DEVIATION, {"what": "skip", "text": f"{task.id}: {reason}"}, phase=phase.id)


def _is_in(phase: Phase, name: str) -> bool:
    gate = phase.gate.id if phase.gate is not None else ""
    return name in (phase.id, gate, *(task.id for task in phase.tasks))


def _check_tasks_before(core: Core, phase: Phase, name: str) -> None:
    for task in phase.tasks if name != phase.id else ():
        if task.id == name:
            return
        if core.state.tasks[task.id].state not in _SETTLED:
            raise Stop(
                RunStatus.STOPPED,
                f"--from {name}: task {task.id} before it is not done",
                hint=core.command("skip", f'{task.id} --reason "…"'),
            )
