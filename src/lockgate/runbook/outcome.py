"""How the tasks of a run ended, folded from its journal as the engine folds it; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lockgate.model.procedure import Entry, TaskState
from lockgate.model.procedure_state import fold
from lockgate.model.runbook import Runbook


@dataclass(frozen=True)
class TaskOutcome:
    """One task as the journal leaves it; DONE means that its checks were found ok, too."""

    id: str
    title: str
    state: TaskState
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunOutcome:
    """All tasks of a run, in the order of the runbook, and the phases that ended with their gate open."""

    tasks: tuple[TaskOutcome, ...] = ()
    phases: tuple[str, ...] = ()

    def titles(self, state: TaskState) -> tuple[str, ...]:
        """Return ids and titles of the tasks in a state."""
        return tuple(f"{task.id} {task.title}".strip() for task in self.tasks if task.state is state)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Ids and titles of tasks that were deferred or skipped, said which."""
        skipped = tuple(f"{title} (skipped)" for title in self.titles(TaskState.SKIPPED))
        return (*self.titles(TaskState.DEFERRED), *skipped)

    def linked_items(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the roadmap's items that are done, and those that are not: every task that names an item must be."""
        linked: dict[str, list[bool]] = {}
        for task in self.tasks:
            for item in task.items:
                linked.setdefault(item, []).append(task.state is TaskState.DONE)
        done = tuple(item for item, parts in linked.items() if all(parts))
        return done, tuple(item for item in linked if item not in done)


def outcome_of(runbook: Runbook, entries: Iterable[Entry]) -> RunOutcome:
    """Return how a run's tasks and phases stand after these entries."""
    state = fold(runbook, entries)
    return RunOutcome(
        tasks=tuple(
            TaskOutcome(name, standing.task.title, standing.state, standing.task.roadmap)
            for name, standing in state.tasks.items()
        ),
        phases=tuple(phase.id for phase in runbook.phases if state.is_ended(phase)),
    )
