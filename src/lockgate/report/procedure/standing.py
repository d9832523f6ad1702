"""Say how a run stands, from its entries alone and whatever its end claims; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockgate.model.actions import SessionAction
from lockgate.model.outcome import CheckResult, Outcome, RollbackLevel
from lockgate.model.procedure import Entry, EntryType, RunStatus, TaskState
from lockgate.model.procedure_report import GateRow, Standing, TaskRow
from lockgate.report.procedure.material import Material, text_of
from lockgate.report.procedure.measured import facts_of
from lockgate.report.procedure.steps import weigh

_LEFT_OUT = (TaskState.DEFERRED, TaskState.SKIPPED)
_AT_REST = (RunStatus.STOPPED, RunStatus.FAILED)
_CLOSED = ("close", "closed", "archived", "completed", "complete", "abandoned", "ended")


def judge(
    material: Material,
    tasks: Sequence[TaskRow],
    gates: Sequence[GateRow],
    requires: Sequence[CheckResult],
) -> Standing:
    """Return how the run stands: what keeps it from complete, what keeps it open, and whether its end agrees."""
    reasons = tuple(_reasons(material, tasks, gates, requires))
    end = _end(material)
    recorded = text_of(end.body, "status") if end else ""
    waivers = _waivers(gates, tasks, requires)
    open_ends = tuple(_open_ends(material, end, reasons))
    status = _status(material, end, tasks, reasons, open_ends, bool(waivers))
    return Standing(
        status=status,
        headline=_headline(status, tasks, waivers, open_ends if not reasons else ()),
        recorded=recorded,
        conflict=_conflict(recorded, status, reasons, open_ends),
        reasons=reasons,
        open=open_ends,
    )


def _end(material: Material) -> Entry | None:
    end: Entry | None = None
    for entry in material.of(EntryType.RUN_ENDED, EntryType.RESUMED):
        end = entry if entry.type is EntryType.RUN_ENDED else None
    return end


def _reasons(
    material: Material, tasks: Sequence[TaskRow], gates: Sequence[GateRow], requires: Sequence[CheckResult]
) -> Iterator[str]:
    """Yield what keeps the run from having come to its end."""
    if len(requires) < len(material.runbook.requires):
        yield f"{len(material.runbook.requires) - len(requires)} of the conditions of the start were not asked"
    yield from (f"condition {r.title}: {r.outcome.value}, {r.found}" for r in requires if not r.outcome.opens)
    for task in tasks:
        if task.state is TaskState.DONE and task.doubt:
            yield f"task {task.id} is not proven: {task.doubt}"
        elif task.state is TaskState.PENDING:
            yield f"task {task.id} was not begun"
        elif task.state not in (TaskState.DONE, TaskState.SKIPPED, TaskState.DEFERRED):
            yield f"task {task.id}: {task.state.value}" + (f", {task.message}" if task.message else "")
    for gate in gates:
        if not gate.is_open:
            yield f"gate {gate.id}: {_why_closed(gate)}"
    yield from _closed_places(material, tasks)
    ended = {entry.phase for entry in material.of(EntryType.PHASE_ENDED) if entry.body.get("outcome") == "ok"}
    yield from (f"phase {phase.id} has not ended" for phase in material.runbook.phases if phase.id not in ended)
    if not tasks and not gates:
        yield "the runbook has no task and no gate"
    yield from _unanswered_breaches(material)


def _closed_places(material: Material, tasks: Sequence[TaskRow]) -> Iterator[str]:
    """Yield the checks before tasks and phases that were not ok when last asked."""
    left_out = {task.id for task in tasks if task.state in _LEFT_OUT}
    places: dict[str, CheckResult | None] = {}
    for entry in material.of(EntryType.CHECKED, EntryType.DECIDED):
        place = text_of(entry.body, "place")
        if entry.type is EntryType.CHECKED and place.endswith("/before"):
            closed = [result for result in weigh(entry.body.get("results")) if not result.outcome.opens]
            places[place] = closed[0] if closed else None
        elif entry.type is EntryType.DECIDED and not entry.body.get("refused"):
            places.pop(f"{text_of(entry.body, 'subject')}/before", None)
    for place, result in places.items():
        if result is not None and place.removesuffix("/before") not in left_out:
            yield f"{place}: {result.title}: {result.outcome.value}, {result.found}"


def _why_closed(gate: GateRow) -> str:
    closed = [f"{r.title}: {r.outcome.value}, {r.found}" for r in gate.results if not r.outcome.opens]
    if closed:
        return "; ".join(closed)
    if gate.missing:
        return f"{gate.decision}; {gate.missing} checks were not asked"
    return gate.decision if gate.decision != "open" else f"opened on {gate.outcome.value}"


def _unanswered_breaches(material: Material) -> Iterator[str]:
    answered = max((e.seq for e in material.of(EntryType.RESUMED)), default=0)
    for entry in material.of(EntryType.BREACH):
        name = text_of(entry.body, "monitor")
        decided = any(d.seq > entry.seq and text_of(d.body, "subject") == name for d in material.of(EntryType.DECIDED))
        if entry.seq > answered and not decided:
            yield f"monitor {name} broke its rule: {text_of(entry.body, 'sentence')}"


def _open_ends(material: Material, end: Entry | None, reasons: Sequence[str]) -> Iterator[str]:
    active = active_sessions(material)
    yield from (f"session {name} active" for name in active)
    if active and material.git.uncommitted:
        yield f"{material.git.uncommitted} file{'s' if material.git.uncommitted > 1 else ''} uncommitted"
    if end is None and not reasons:
        yield "the journal has no end of the run"


def active_sessions(material: Material) -> tuple[str, ...]:
    """Return the work sessions of the run that were begun and not closed, by an effect or by a task that closes."""
    closing = {t.id for t in material.runbook.tasks if isinstance(t.do, SessionAction) and t.do.do == "close"}
    active: dict[str, bool] = {}
    for entry in material.of(EntryType.EFFECT, EntryType.TASK_ENDED):
        if entry.type is EntryType.TASK_ENDED:
            if entry.task in closing and entry.body.get("state") == TaskState.DONE.value:
                active = dict.fromkeys(active, False)
        elif entry.body.get("what") == "session":
            facts = facts_of(entry.body)
            words = {facts.get(name, "").lower() for name in ("do", "state", "status")}
            active[text_of(entry.body, "id")] = not words & set(_CLOSED)
    return tuple(name for name, is_active in active.items() if is_active)


def _waivers(gates: Sequence[GateRow], tasks: Sequence[TaskRow], requires: Sequence[CheckResult]) -> tuple[str, ...]:
    results = [*requires, *(r for gate in gates for r in gate.results), *(r for task in tasks for r in task.checks)]
    left_out = tuple(f"{task.id}/" for task in tasks if task.state in _LEFT_OUT)
    waived = [r.check for r in results if r.outcome is Outcome.WAIVED and not r.check.startswith(left_out)]
    worded = [t.id for t in tasks if t.is_worded and not t.checks and t.action != "manual"]
    return tuple(dict.fromkeys([*waived, *worded]))


def _status(
    material: Material,
    end: Entry | None,
    tasks: Sequence[TaskRow],
    reasons: Sequence[str],
    open_ends: Sequence[str],
    has_waivers: bool,
) -> RunStatus:
    back = _way_back(material)
    if back is not None:
        return back
    if not reasons and not open_ends:
        if any(task.state in _LEFT_OUT for task in tasks):
            return RunStatus.COMPLETE_WITH_DEFERRALS
        return RunStatus.COMPLETE_WITH_WAIVERS if has_waivers else RunStatus.COMPLETE
    pause = _pause(material)
    if pause is not None and (end is None or text_of(end.body, "status") not in {s.value for s in _AT_REST}):
        return pause
    if not reasons:
        return RunStatus.RUNNING if end is None else RunStatus.WAITING
    if end is None:
        return RunStatus.RUNNING
    recorded = text_of(end.body, "status")
    return RunStatus.FAILED if recorded == RunStatus.FAILED.value else RunStatus.STOPPED


def _way_back(material: Material) -> RunStatus | None:
    """Return how going back ended; a failed way is healed only by one of the same or a higher level after it."""
    ranks = {level.value: level.rank for level in RollbackLevel}
    failed, is_done, is_on = 0, False, False
    for entry in material.of(EntryType.ROLLBACK_STARTED, EntryType.ROLLBACK_ENDED):
        rank = ranks.get(text_of(entry.body, "level"), 0)
        is_on = entry.type is EntryType.ROLLBACK_STARTED
        if is_on:
            continue
        if entry.body.get("state") == TaskState.DONE.value:
            is_done, failed = True, 0 if rank >= failed else failed
        else:
            failed = max(failed, rank, 1)
    if is_on:
        return RunStatus.ROLLBACK_FAILED if failed else RunStatus.ROLLING_BACK
    if failed:
        return RunStatus.ROLLBACK_FAILED
    return RunStatus.ROLLED_BACK if is_done else None


def _pause(material: Material) -> RunStatus | None:
    """Return why nothing goes on: interrupted, a monitor without data, somebody or something waited for."""
    waits, holds, is_cut = 0, set[str](), False
    for entry in material.entries:
        match entry.type:
            case EntryType.RESUMED:
                waits, is_cut = 0, False
                holds.clear()
            case EntryType.INTERRUPTED:
                is_cut = True
            case EntryType.WAITING:
                waits += 1
            case EntryType.WAITED:
                waits = max(waits - 1, 0)
            case EntryType.HELD:
                holds.add(text_of(entry.body, "monitor"))
            case EntryType.RELEASED:
                holds.discard(text_of(entry.body, "monitor"))
    if is_cut:
        return RunStatus.INTERRUPTED
    if holds:
        return RunStatus.HELD
    return RunStatus.WAITING if waits else None


def _headline(status: RunStatus, tasks: Sequence[TaskRow], waivers: Sequence[str], open_ends: Sequence[str]) -> str:
    if open_ends:
        return f"open: {', '.join(open_ends)}"
    words = status.value
    deferred = [task.id for task in tasks if task.state is TaskState.DEFERRED]
    if deferred:
        words = (
            f"{words} ({', '.join(deferred)})" if "deferrals" in words else f"{words}, deferred {', '.join(deferred)}"
        )
    if waivers:
        words += f", {len(waivers)} waiver{'s' if len(waivers) > 1 else ''} ({', '.join(waivers)})"
    return words


def _conflict(recorded: str, status: RunStatus, reasons: Sequence[str], open_ends: Sequence[str]) -> str:
    """Say where the end that the run wrote claims something else than its entries add up to."""
    if not recorded or recorded == status.value:
        return ""
    if {recorded, status.value} <= {s.value for s in _AT_REST}:
        return ""
    why = "; ".join([*reasons[:3], *open_ends[:3]])
    return f"the run wrote {recorded!r} at its end, its entries add up to {status.value!r}" + (
        f": {why}" if why else ""
    )
