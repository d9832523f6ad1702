"""Fold the journal into tasks, gates and phases; what is missing, unasked or unknown is never taken for done; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from lockgate.model.actions import Apply, Index, Manual, Migrate
from lockgate.model.outcome import CheckResult, Evidence, FailureClass, Outcome, worst_of
from lockgate.model.procedure import Entry, EntryType, TaskState
from lockgate.model.procedure_report import Attempt, GateRow, PhaseRow, TaskRow
from lockgate.model.runbook import Gate, Phase, Task
from lockgate.report.procedure.amounts import estimate_seconds, seconds_between
from lockgate.report.procedure.material import Material, number_of, text_of

_LEFT_OUT = {"skip": TaskState.SKIPPED, "defer": TaskState.DEFERRED}


def weigh(results: Any) -> tuple[CheckResult, ...]:
    """Return an entry's results; a waiver that names nobody, gives no reason or had run out waives nothing."""
    try:
        found = msgspec.convert(results or [], tuple[CheckResult, ...])
    except msgspec.ValidationError as error:
        return (_unread(str(error)),)
    return tuple(map(_honest, found))


def _honest(result: CheckResult) -> CheckResult:
    if result.outcome is not Outcome.WAIVED:
        return result
    waiver = result.waiver
    if waiver is None or not waiver.by or not waiver.reason:
        return replace(result, outcome=Outcome.FAIL, found=f"{result.found} (waived by nobody, or for no reason)")
    if waiver.until and result.at and waiver.until[:19] < result.at[:19]:
        return replace(result, outcome=Outcome.FAIL, found=f"{result.found} (the waiver ended {waiver.until})")
    return result


def _unread(why: str) -> CheckResult:
    return CheckResult(
        check="?",
        kind="?",
        title="results",
        outcome=Outcome.UNKNOWN,
        expected="results of checks",
        found=why,
        failure_class=FailureClass.PROCESS,
    )


def evidence_of(body: Any) -> tuple[Evidence, ...]:
    """Return what an entry names as evidence; what cannot be read is left out."""
    try:
        return msgspec.convert(body or [], tuple[Evidence, ...])
    except msgspec.ValidationError:
        return ()


def checks_at(material: Material, place: str, since: int = 0) -> tuple[CheckResult, ...]:
    """Return the newest results of a place (``requires``, ``3.2/verify``) that were found after an entry."""
    found: tuple[CheckResult, ...] = ()
    for entry in material.of(EntryType.CHECKED):
        if entry.body.get("place") == place and entry.seq > since:
            found = weigh(entry.body.get("results"))
    return found


def is_about(entry: Entry, name: str) -> bool:
    """Whether a decision is about a task or gate, or something within it."""
    subject = text_of(entry.body, "subject") or entry.task
    return subject == name or subject.startswith(f"{name}/")


def task_rows(material: Material) -> tuple[TaskRow, ...]:
    """Return every task of the runbook as its entries say it stands, in order."""
    adopted = {str(item) for item in material.start.body.get("adopted") or () if isinstance(item, str)}
    since = _taken_back_since(material)
    return tuple(
        _task_row(material, phase, task, since, task.id in adopted)
        for phase in material.runbook.phases
        for task in phase.tasks
    )


def _taken_back_since(material: Material) -> dict[int, int]:
    """Return, by the entry in which a rollback ended well, the entry since which the database is as it was before.

    A checkpoint that a task took for itself (``before:2.1``) is older than all that the task did.
    """
    found: dict[int, int] = {}
    to = ""
    for entry in material.of(EntryType.ROLLBACK_STARTED, EntryType.ROLLBACK_ENDED):
        if entry.type is EntryType.ROLLBACK_STARTED:
            to = text_of(entry.body, "to")
            continue
        place = next((e for e in material.of(EntryType.EFFECT) if to and text_of(e.body, "id") == to), None)
        if entry.body.get("state") == TaskState.DONE.value and place is not None:
            begun = [e.seq for e in material.of(EntryType.TASK_STARTED) if e.task == place.task and e.seq < place.seq]
            is_own = text_of(place.body, "name") == f"before:{place.task}"
            found[entry.seq] = max(begun) if begun and is_own else place.seq
    return found


def _task_row(material: Material, phase: Phase, task: Task, back: Mapping[int, int], is_adopted: bool) -> TaskRow:
    fold = _TaskFold(task, back)
    for entry in material.entries:
        fold.take(entry)
    checks = checks_at(material, f"{task.id}/verify", fold.since)
    row = TaskRow(
        id=task.id,
        phase=phase.id,
        title=task.title,
        action=str(type(task.do).__struct_config__.tag) if task.do is not None else "manual",
        state=fold.state,
        attempts=tuple(fold.attempts),
        estimate_s=fold.estimate_s if fold.estimate_s >= 0 else estimate_seconds(task.estimate),
        message=fold.message,
        checks=checks,
        evidence=fold.evidence,
        is_worded=fold.is_worded and fold.state is TaskState.DONE,
    )
    if is_adopted and row.state is TaskState.PENDING:
        parent = text_of(material.start.body, "parent")
        return replace(row, state=TaskState.DONE, message=f"done by the run before, {parent}")
    return replace(row, doubt=_doubt(task, row, fold)) if row.state is TaskState.DONE else row


class _TaskFold:
    """Takes the journal's entries one by one and keeps where a task stands.

    ``since`` is the entry after which its checks must have been asked; ``is_worded``: a person's word stands for it.
    """

    def __init__(self, task: Task, back: Mapping[int, int]) -> None:
        self.is_writing = isinstance(task.do, Apply | Migrate | Index)
        self.back = back
        self.task, self.state, self.message = task, TaskState.PENDING, ""
        self.attempts: list[Attempt] = []
        self.estimate_s = -1.0
        self.evidence: tuple[Evidence, ...] = ()
        self.is_attested, self.is_worded, self.is_reverting, self.since = False, False, False, 0

    def take(self, entry: Entry) -> None:
        if entry.type in (EntryType.RESUMED, EntryType.RUN_ENDED) and self.state is TaskState.RUNNING:
            self._end(TaskState.UNKNOWN, "its end is not in the journal", -1.0)
        elif entry.type is EntryType.DECIDED and is_about(entry, self.task.id) and not entry.body.get("refused"):
            self._decide(entry)
        elif entry.type is EntryType.ROLLBACK_STARTED:
            self._taken_back = self.task.id in (entry.body.get("tasks") or ())
        elif entry.type is EntryType.ROLLBACK_ENDED and entry.body.get("state") == "done":
            if self._taken_back or (self.is_writing and 0 < self.back.get(entry.seq, 1 << 60) <= self.since):
                self.state, self.message = TaskState.REVERTED, "taken back by the rollback"
        elif entry.task == self.task.id and entry.type is EntryType.TASK_STARTED:
            self._start(entry)
        elif entry.task == self.task.id and entry.type is EntryType.TASK_ENDED:
            self._ended(entry)

    _taken_back = False

    def _start(self, entry: Entry) -> None:
        self.state, self.message, self.since = TaskState.RUNNING, "", entry.seq
        self.is_worded, self.is_reverting = False, bool(entry.body.get("is_revert"))
        if self.is_reverting:
            return
        self.estimate_s = number_of(entry.body, "estimate_s") or -1.0
        number = len(self.attempts) + 1
        self.attempts.append(Attempt(number=number, state=TaskState.RUNNING, started_at=entry.ts))

    def _ended(self, entry: Entry) -> None:
        try:
            state = TaskState(entry.body.get("state"))
        except ValueError:
            state = TaskState.UNKNOWN
        self.evidence += evidence_of(entry.body.get("evidence"))
        self._end(state, text_of(entry.body, "message"), number_of(entry.body, "duration_s"))

    def _end(self, state: TaskState, message: str, duration_s: float) -> None:
        self.state, self.message = state, message
        if self.attempts and not self.is_reverting:
            self.attempts[-1] = replace(self.attempts[-1], state=state, message=message, duration_s=duration_s)
        self.is_reverting = False

    def _decide(self, entry: Entry) -> None:
        what, body = text_of(entry.body, "what"), entry.body
        is_own = (text_of(body, "subject") or entry.task) == self.task.id
        if what == "attest":
            self.is_attested = True
        elif is_own and what in _LEFT_OUT:
            self.state = _LEFT_OUT[what]
        elif is_own and what == "retry":
            self.state, self.since = TaskState.PENDING, entry.seq
            self.is_attested = self.is_worded = False
        elif is_own and what in ("done", "resolve"):
            is_done = what == "done" or text_of(body, "outcome", "state") == "done"
            self.state = TaskState.DONE if is_done else TaskState.PENDING
            self.since, self.is_worded = entry.seq, is_done
        else:
            return
        if what != "attest":
            self.message = (
                f"{what}: {text_of(body, 'reason') or 'no reason given'} ({text_of(body, 'by') or entry.actor})"
            )


def _doubt(task: Task, row: TaskRow, fold: _TaskFold) -> str:
    """Say why a task that its last entry calls done is not taken for done; empty: it is."""
    if (task.do is None or isinstance(task.do, Manual)) and not (fold.is_attested or fold.is_worded):
        return "nobody attested it by name"
    if not row.attempts and not fold.is_worded:
        return "it has an end and no beginning in the journal"
    if len(row.checks) < len(task.verify):
        return f"{len(task.verify) - len(row.checks)} of its {len(task.verify)} checks were not asked"
    closed = [result for result in row.checks if not result.outcome.opens]
    return "; ".join(f"{result.title}: {result.outcome.value}, {result.found}" for result in closed)


def gate_rows(material: Material) -> tuple[GateRow, ...]:
    """Return every gate of the runbook as last asked; one that was never asked is unknown."""
    return tuple(_gate_row(material, phase, phase.gate) for phase in material.runbook.phases if phase.gate is not None)


def _gate_row(material: Material, phase: Phase, gate: Gate) -> GateRow:
    asked = [entry for entry in material.of(EntryType.GATE) if entry.body.get("gate") == gate.id]
    row = GateRow(id=gate.id, phase=phase.id, title=gate.title, outcome=Outcome.UNKNOWN, decision="not asked")
    if not asked:
        return replace(row, missing=len(gate.checks))
    last = asked[-1]
    results = weigh(last.body.get("results"))
    tasks = {task.id for task in phase.tasks}
    is_late = any(e.seq > last.seq and e.task in tasks for e in material.of(EntryType.TASK_STARTED))
    decision = text_of(last.body, "decision") or "unknown"
    return replace(
        row,
        outcome=Outcome.UNKNOWN if is_late else worst_of(result.outcome for result in results),
        decision="outdated: tasks ran after it was asked" if is_late else decision,
        at=last.ts,
        results=results,
        missing=max(len(gate.checks) - len(results), 0),
        earlier=tuple(_earlier(entry) for entry in asked[:-1]),
    )


def _earlier(entry: Entry) -> str:
    closed = [
        f"{r.title}: {r.outcome.value}, {r.found}" for r in weigh(entry.body.get("results")) if not r.outcome.opens
    ]
    return f"{entry.ts}: {text_of(entry.body, 'decision') or 'unknown'}" + (f" ({'; '.join(closed)})" if closed else "")


def phase_rows(material: Material, tasks: Sequence[TaskRow], gates: Sequence[GateRow]) -> tuple[PhaseRow, ...]:
    """Return every phase with its estimate, what it took, and how it stands."""
    return tuple(_phase_row(material, phase, tasks, gates) for phase in material.runbook.phases)


def _phase_row(material: Material, phase: Phase, tasks: Sequence[TaskRow], gates: Sequence[GateRow]) -> PhaseRow:
    own = [task for task in tasks if task.phase == phase.id]
    started = [entry for entry in material.of(EntryType.PHASE_STARTED) if entry.phase == phase.id]
    ended = [entry for entry in material.of(EntryType.PHASE_ENDED) if entry.phase == phase.id]
    named = [number_of(entry.body, "estimate_s") for entry in started]
    written = estimate_seconds(phase.estimate)
    return PhaseRow(
        id=phase.id,
        title=phase.title,
        risk=phase.risk.value,
        state=_phase_state(own, [gate for gate in gates if gate.phase == phase.id], bool(started)),
        tasks=len(own),
        tasks_done=sum(task.is_done for task in own),
        estimate_s=next((number for number in named if number > 0), written),
        actual_s=_took(material, phase.id, ended),
        started_at=started[0].ts if started else "",
        ended_at=ended[-1].ts if ended else "",
    )


def _took(material: Material, phase: str, ended: Sequence[Entry]) -> float:
    """Return how long a phase took: what its ends say, else from its first to its last entry."""
    known = [number_of(entry.body, "duration_s") for entry in ended]
    if known and min(known) >= 0:
        return sum(known)
    own = [entry for entry in material.entries if entry.phase == phase]
    return seconds_between(own[0].ts, own[-1].ts) if own else -1.0


def _phase_state(tasks: Sequence[TaskRow], gates: Sequence[GateRow], is_begun: bool) -> str:
    states = {task.state for task in tasks}
    for state in (TaskState.FAILED, TaskState.UNKNOWN, TaskState.RUNNING, TaskState.REVERTED):
        if state in states:
            return str(state.value)
    if any(not _is_settled(task) for task in tasks):
        return "not finished" if is_begun or any(task.attempts for task in tasks) else "not begun"
    if any(not gate.is_open for gate in gates):
        return "gate closed"
    left = [s.value for s in (TaskState.DEFERRED, TaskState.SKIPPED) if s in states]
    return f"done, {' and '.join(left)} tasks" if left else "done"


def _is_settled(task: TaskRow) -> bool:
    return task.is_done or task.state in (TaskState.DEFERRED, TaskState.SKIPPED)


def settled(tasks: Iterable[TaskRow]) -> bool:
    """Whether every task is done, or a person answers for it by skip or deferral."""
    return all(map(_is_settled, tasks))
