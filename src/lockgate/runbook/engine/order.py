"""In which order things run: tasks as they stand, after what they need; phases after those they need."""

from __future__ import annotations

from lockgate.errors import ConfigError
from lockgate.model.runbook import Phase, Runbook, Task


def order_tasks(phase: Phase) -> tuple[Task, ...]:
    """Return a phase's tasks as they stand, each after what it needs in this phase.

    Raises:
        ConfigError: They need each other in a circle.
    """
    left, here = list(phase.tasks), {task.id for task in phase.tasks}
    ordered: list[Task] = []
    done: set[str] = set()
    while left:
        task = next((t for t in left if all(n in done or n not in here for n in t.needs)), None)
        if task is None:
            raise ConfigError(
                f"phase {phase.id}: tasks need each other in a circle",
                where=", ".join(t.id for t in left),
                state="nothing was touched",
                hint="correct needs, then lockgate runbook lint",
            )
        ordered.append(task)
        done.add(task.id)
        left.remove(task)
    return tuple(ordered)


def needs_of(runbook: Runbook, phase: Phase) -> tuple[str, ...]:
    """Return the phases that must have ended before one: those it names, else all before it; ``none`` names none."""
    if phase.needs:
        return tuple(name for name in phase.needs if name != "none")
    before = []
    for other in runbook.phases:
        if other.id == phase.id:
            break
        before.append(other.id)
    return tuple(before)


def check_order(runbook: Runbook) -> None:
    """Refuse needs that name nothing, or that can never be met.

    Raises:
        ConfigError: The place and what it names.
    """
    phases = [phase.id for phase in runbook.phases]
    tasks = [task.id for task in runbook.tasks]
    for number, phase in enumerate(runbook.phases):
        for name in needs_of(runbook, phase):
            if name not in phases[:number]:
                raise _unknown(f"phase {phase.id}", name, "phases before it: " + (", ".join(phases[:number]) or "none"))
        for task in phase.tasks:
            for name in task.needs:
                if name not in tasks and name not in phases:
                    raise _unknown(f"task {task.id}", name, "a task or phase of this runbook")
        order_tasks(phase)


def _unknown(where: str, name: str, allowed: str) -> ConfigError:
    return ConfigError(
        f"{where} needs {name}, which cannot be met",
        where=where,
        cause=f"allowed: {allowed}",
        state="nothing was touched",
        hint="correct needs, then lockgate runbook lint",
    )
