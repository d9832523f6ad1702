"""Where a run stands: the state its journal's entries add up to, and the only way to the word complete; pure.

A task is DONE only when its effect ended as done and its checks, if it has any, were found ok (or waived) afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lockgate.model.outcome import Outcome, worst_of
from lockgate.model.procedure import Entry, EntryType, RunStatus, TaskRecord, TaskState
from lockgate.model.runbook import Phase, Runbook, Task


@dataclass
class TaskStanding:
    """What is known of one task.

    ``effect`` is how its action ended, RUNNING between its beginning and its end; ``verified`` what its checks said
    after that, None when they were not asked since. ``is_worded``: a person's word stands for the effect.
    """

    task: Task
    effect: TaskState = TaskState.PENDING
    verified: Outcome | None = None
    is_worded: bool = False
    is_reverting: bool = False
    attempts: int = 0
    message: str = ""
    started_at: str = ""
    started_seq: int = 0
    done_seq: int = 0
    duration_s: float = 0.0
    failure_class: str = ""

    @property
    def state(self) -> TaskState:
        """Where it stands, effect and checks together; while its checks were not asked it is RUNNING."""
        if self.effect is not TaskState.DONE or not self.task.verify:
            return self.effect
        if self.verified is None:
            return TaskState.RUNNING
        if self.verified is Outcome.FAIL:
            return TaskState.FAILED
        return TaskState.DONE if self.verified.opens else TaskState.UNKNOWN

    @property
    def record(self) -> TaskRecord:
        """The same as a value for reports."""
        return TaskRecord(
            task=self.task.id,
            state=self.state,
            attempts=self.attempts,
            message=self.message,
            started_at=self.started_at,
            duration_s=self.duration_s,
            failure_class=self.failure_class,
        )


@dataclass
class RunState:
    """A run, folded entry by entry with `add`.

    ``gates`` are the newest decisions by gate, ``checks`` the newest outcomes of every check by id, ``decisions`` what
    people decided (those that were refused left out), ``phases`` the outcome of each phase that ended.
    """

    runbook: Runbook
    tasks: dict[str, TaskStanding] = field(default_factory=dict)
    gates: dict[str, str] = field(default_factory=dict)
    checks: dict[str, Outcome] = field(default_factory=dict)
    places: dict[str, Outcome] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)
    phase_started: dict[str, Entry] = field(default_factory=dict)
    decisions: list[Entry] = field(default_factory=list)
    effects: list[Entry] = field(default_factory=list)
    started: Entry | None = None
    ended: Entry | None = None
    waiting: Entry | None = None
    interrupted: Entry | None = None
    rollback: Entry | None = None
    rolled_back: Entry | None = None
    breach: Entry | None = None
    held: dict[str, Entry] = field(default_factory=dict)
    seq: int = 0

    def __post_init__(self) -> None:
        self.tasks = {task.id: TaskStanding(task) for task in self.runbook.tasks}

    def add(self, entry: Entry) -> None:
        """Take in the next entry."""
        self.seq = entry.seq
        take = _TAKE.get(entry.type)
        if take is not None:
            take(self, entry)

    @property
    def status(self) -> RunStatus:
        """Where the run stands."""
        if self.ended is not None:
            return RunStatus(self.ended.body["status"])
        if self.interrupted is not None:
            return RunStatus.INTERRUPTED
        if self.rollback is not None:
            return RunStatus.ROLLING_BACK
        if self.waiting is not None:
            return RunStatus.WAITING
        return RunStatus.HELD if self.held else RunStatus.RUNNING

    @property
    def unfinished(self) -> tuple[str, ...]:
        """What keeps the run from being complete, in words; empty: nothing does."""
        final = (TaskState.DONE, TaskState.SKIPPED, TaskState.DEFERRED)
        missing = [f"task {s.task.id} is {s.state.value}" for s in self.tasks.values() if s.state not in final]
        missing += [f"gate {gate.id} is not open" for gate in self.runbook.gates if self.gates.get(gate.id) != "open"]
        missing += [f"phase {phase.id} has not ended" for phase in self.runbook.phases if not self.is_ended(phase)]
        for place, outcome in self.places.items():
            if not outcome.opens and not self._is_left_out(place):
                missing.append(f"the checks {place} are {outcome.value}")
        if self.runbook.requires and "requires" not in self.places:
            missing.append("what the runbook requires was not asked")
        if self.rolled_back is not None or self.rollback is not None:
            missing.append("something was taken back")
        if self.breach is not None:
            missing.append("a monitor was broken")
        return tuple(missing)

    @property
    def completion(self) -> RunStatus | None:
        """The status of a run that has come to its end; None while anything is not earned."""
        if self.unfinished:
            return None
        states = {standing.state for standing in self.tasks.values()}
        if states & {TaskState.SKIPPED, TaskState.DEFERRED}:
            return RunStatus.COMPLETE_WITH_DEFERRALS
        waived = [o for name, o in self.checks.items() if o is Outcome.WAIVED and not self._is_left_out(name)]
        by_word = [s for s in self.tasks.values() if s.is_worded and not s.task.verify]
        return RunStatus.COMPLETE_WITH_WAIVERS if waived or by_word else RunStatus.COMPLETE

    def is_ended(self, phase: Phase) -> bool:
        """Whether a phase came to its end with its gate open."""
        return self.phases.get(phase.id) == "ok"

    def decision(self, what: str, subject: str, since: int = 0) -> Entry | None:
        """Return the newest decision of a kind on something after an entry; None when there is none."""
        for entry in reversed(self.decisions):
            if entry.seq <= since:
                return None
            if entry.body["what"] == what and entry.body["subject"] == subject:
                return entry
        return None

    def _is_left_out(self, place: str) -> bool:
        """Whether a place belongs to a task that was skipped or deferred."""
        standing = next((s for name, s in self.tasks.items() if place.startswith(f"{name}/")), None)
        return standing is not None and standing.state in (TaskState.SKIPPED, TaskState.DEFERRED)

    def _started(self, entry: Entry) -> None:
        self.started = entry

    def _resumed(self, entry: Entry) -> None:
        self.ended = self.interrupted = self.waiting = None
        self.held.clear()
        if self.rolled_back is None:
            self.breach = None

    def _task_started(self, entry: Entry) -> None:
        standing = self.tasks.get(entry.task)
        if standing is None:
            return
        standing.effect, standing.verified = TaskState.RUNNING, None
        standing.is_worded = False
        standing.is_reverting = bool(entry.body.get("is_revert"))
        standing.attempts += 0 if standing.is_reverting else 1
        standing.started_at, standing.started_seq = entry.ts, entry.seq
        standing.message, standing.duration_s, standing.failure_class = "", 0.0, ""
        self.places.pop(f"{entry.task}/verify", None)

    def _task_ended(self, entry: Entry) -> None:
        standing = self.tasks.get(entry.task)
        if standing is None:
            return
        standing.effect = TaskState(entry.body["state"])
        standing.message = str(entry.body.get("message", ""))
        standing.duration_s = float(entry.body.get("duration_s", 0.0))
        standing.failure_class = str(entry.body.get("failure_class", ""))
        standing.done_seq = entry.seq if standing.effect is TaskState.DONE else 0
        standing.is_reverting = False

    def _checked(self, entry: Entry) -> None:
        place = str(entry.body["place"])
        worst = self._note(entry.body["results"])
        self.places[place] = worst
        name, _, what = place.rpartition("/")
        if what == "verify" and name in self.tasks:
            self.tasks[name].verified = worst

    def _gate(self, entry: Entry) -> None:
        self._note(entry.body["results"])
        self.gates[entry.body["gate"]] = entry.body["decision"]

    def _note(self, results: list[dict[str, Any]]) -> Outcome:
        found = {str(result["check"]): Outcome(result["outcome"]) for result in results}
        self.checks.update(found)
        return worst_of(found.values())

    def _decided(self, entry: Entry) -> None:
        if entry.body.get("refused"):
            return
        self.decisions.append(entry)
        what, subject = entry.body["what"], str(entry.body["subject"])
        standing = self.tasks.get(subject)
        if standing is None:
            return
        if what in ("skip", "defer"):
            standing.effect = TaskState.SKIPPED if what == "skip" else TaskState.DEFERRED
        elif what == "retry":
            standing.effect, standing.verified = TaskState.PENDING, None
            self._forget(subject)
        elif what in ("done", "resolve"):
            is_done = what == "done" or entry.body.get("outcome") == "done"
            standing.effect = TaskState.DONE if is_done else TaskState.PENDING
            standing.verified, standing.is_worded = None, is_done
            standing.done_seq = entry.seq if is_done else 0
            self._forget(subject)

    def _forget(self, task: str) -> None:
        for place in (f"{task}/before", f"{task}/verify"):
            self.places.pop(place, None)

    def _phase_started(self, entry: Entry) -> None:
        self.phase_started.setdefault(entry.phase, entry)
        self.phases.pop(entry.phase, None)

    def _phase_ended(self, entry: Entry) -> None:
        self.phases[entry.phase] = entry.body["outcome"]

    def _waiting(self, entry: Entry) -> None:
        self.waiting = entry

    def _waited(self, entry: Entry) -> None:
        self.waiting = None

    def _held(self, entry: Entry) -> None:
        self.held[entry.body["monitor"]] = entry

    def _released(self, entry: Entry) -> None:
        self.held.pop(entry.body["monitor"], None)

    def _breach(self, entry: Entry) -> None:
        self.breach = entry

    def _rollback_started(self, entry: Entry) -> None:
        self.rollback = entry

    def _rollback_ended(self, entry: Entry) -> None:
        tasks = self.rollback.body.get("tasks", ()) if self.rollback is not None else ()
        self.rollback = None
        if entry.body["state"] == "refused":
            return
        self.rolled_back = entry
        if entry.body["state"] == "done":
            for name in tasks:
                if name in self.tasks:
                    self.tasks[name].effect = TaskState.REVERTED

    def _effect(self, entry: Entry) -> None:
        self.effects.append(entry)

    def _interrupted(self, entry: Entry) -> None:
        self.interrupted = entry

    def _ended(self, entry: Entry) -> None:
        self.ended, self.waiting = entry, None


_TAKE = {
    EntryType.RUN_STARTED: RunState._started,
    EntryType.RESUMED: RunState._resumed,
    EntryType.TASK_STARTED: RunState._task_started,
    EntryType.TASK_ENDED: RunState._task_ended,
    EntryType.CHECKED: RunState._checked,
    EntryType.GATE: RunState._gate,
    EntryType.DECIDED: RunState._decided,
    EntryType.PHASE_STARTED: RunState._phase_started,
    EntryType.PHASE_ENDED: RunState._phase_ended,
    EntryType.WAITING: RunState._waiting,
    EntryType.WAITED: RunState._waited,
    EntryType.HELD: RunState._held,
    EntryType.RELEASED: RunState._released,
    EntryType.BREACH: RunState._breach,
    EntryType.ROLLBACK_STARTED: RunState._rollback_started,
    EntryType.ROLLBACK_ENDED: RunState._rollback_ended,
    EntryType.EFFECT: RunState._effect,
    EntryType.INTERRUPTED: RunState._interrupted,
    EntryType.RUN_ENDED: RunState._ended,
}


def fold(runbook: Runbook, entries: Iterable[Entry]) -> RunState:
    """Return where a run stands after its entries."""
    state = RunState(runbook)
    for entry in entries:
        state.add(entry)
    return state
