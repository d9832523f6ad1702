"""A run from its first to its last entry: what comes next is folded from the journal, so that a resume is a run."""

from __future__ import annotations

from datetime import timedelta

from lockgate.errors import GateClosed, StalePlan
from lockgate.model.outcome import worst_of
from lockgate.model.procedure import EntryType, RunStatus, TaskState
from lockgate.model.runbook import Phase
from lockgate.runbook.base import World
from lockgate.runbook.durations import estimate_seconds, parse_seconds, show_seconds
from lockgate.runbook.engine.back import finish_rollback
from lockgate.runbook.engine.breach import act_on_breach, finish_breach
from lockgate.runbook.engine.core import Core, check_times
from lockgate.runbook.engine.gates import accept_mended, pass_gate
from lockgate.runbook.engine.log_places import checks_of_phase, checks_of_runbook, log_places
from lockgate.runbook.engine.options import Ending, EngineOptions, Stop
from lockgate.runbook.engine.order import check_order, needs_of, order_tasks
from lockgate.runbook.engine.start import check_selection, start_from
from lockgate.runbook.engine.tasks import Seen, bring, look_up_begun
from lockgate.runbook.engine.words import ask_with_words, say_closed, tell_closed
from lockgate.runbook.lock import Lock
from lockgate.runbook.record import Record

_RESTS = (RunStatus.WAITING, RunStatus.HELD, RunStatus.INTERRUPTED, RunStatus.ROLLING_BACK)
_EXIT = {RunStatus.ROLLED_BACK: 6, RunStatus.FAILED: 6, RunStatus.ROLLBACK_FAILED: 7}


def run(lock: Lock, world: World, record: Record, options: EngineOptions) -> Ending:
    """Run, or go on with, what the journal tells of; returns how it ended or where it rests.

    A record without entries is a new run. Every act is in the journal before it is done; whatever kills the process,
    calling this again with the same record goes on from there.

    Raises:
        StalePlan: The journal is of another runbook or target.
        InputError: The runbook cannot be run as it is; nothing was begun.
        FailedError: The journal cannot be written.
    """
    core = Core(lock, world, record, options, act_on_breach)
    check_times(lock)
    check_order(lock.runbook)
    check_selection(lock.runbook, options)
    if core.state.ended is not None and core.state.status.is_over:
        return _say_end(core)
    try:
        _begin(core)
        try:
            _go_through(core)
        finally:
            core.world.watcher.close()
    except Stop as stop:
        return _end(core, stop.ending)
    status = core.state.completion
    if status is None:
        missing = "; ".join(core.state.unfinished[:3])
        return _end(core, Ending(RunStatus.STOPPED, f"not complete: {missing}", core.resume, 4))
    return _end(core, Ending(status, _completion_words(core, status), f"lockgate report build {record.folder.name}", 0))


def _begin(core: Core) -> None:
    """Write how the run begins, or goes on, and settle what was cut short."""
    options, state = core.options, core.state
    about = dict(core.world.describe_target())
    if state.started is None:
        body = {
            "runbook": core.lock.runbook.runbook,
            "title": core.lock.runbook.title,
            "digest": core.lock.digest,
            "tool_version": core.lock.tool_version,
            "tasks": len(core.lock.runbook.tasks),
            **about,
            **options.started,
            **log_places(core, "run", checks_of_runbook(core.lock.runbook)),
        }
        core.write(EntryType.RUN_STARTED, body)
        core.write(EntryType.ADMITTED, {"approvals": [], "waivers": [], **options.admitted})
    else:
        _check_same(core, about)
        core.write(EntryType.RESUMED, {"actor": options.resumer or options.actor})
    for what, text in options.deviations:
        core.write(EntryType.DEVIATION, {"what": what, "text": text})
    core.take_words()
    finish_rollback(core)
    accept_mended(core)


def _check_same(core: Core, about: dict[str, str]) -> None:
    """Refuse to go on with another runbook, or on another target, than the run began with."""
    assert core.state.started is not None
    body = core.state.started.body
    now = {"digest": core.lock.digest, "target": about.get("target", ""), "engine": about.get("engine", "")}
    other = {key: value for key, value in now.items() if str(body.get(key, "")) != value}
    if other:
        key, value = next(iter(other.items()))
        raise StalePlan(
            f"the run {core.record.folder.name} began with another {key}",
            where=str(core.record.folder),
            cause=f"{key} was {body.get(key, '')!r} and is {value!r}",
            state="nothing was touched",
            hint="go on where it began, or start a new run",
        )


def _go_through(core: Core) -> None:
    """Arm the monitors, then phase after phase, then the bake time."""
    runbook, seen = core.lock.runbook, Seen()
    try:
        core.world.watcher.begin()
    except GateClosed as error:
        raise Stop(RunStatus.STOPPED, f"a monitor gives no value: {error}", hint=core.resume) from None
    _finish_breach(core)
    _require(core)
    core.tell_people("before", "before", f"{runbook.title or runbook.runbook} begins")
    start_from(core)
    for phase in runbook.phases:
        if core.options.only_phase and phase.id != core.options.only_phase:
            continue
        if core.state.is_ended(phase):
            _tell_phase(core, phase)
        else:
            _run_phase(core, phase, seen)
        _stop_where_asked(core, phase.id, phase.gate.id if phase.gate else "")
    if core.options.only_phase and core.state.unfinished:
        raise Stop(RunStatus.STOPPED, f"phase {core.options.only_phase} ended as asked", hint=core.resume, exit_code=0)
    _bake(core)


def _require(core: Core) -> None:
    """Ask what must hold before anything, at every start and resume."""
    core.look()
    checks = core.lock.runbook.requires
    if not checks:
        return
    results = ask_with_words(core, "requires", checks)
    core.write(EntryType.CHECKED, {"place": "requires", "results": results})
    if not worst_of(r.outcome for r in results).opens:
        tell_closed(core, results)
        raise Stop(
            RunStatus.STOPPED, f"what the runbook requires does not hold: {say_closed(results)}", hint=core.resume
        )


def _finish_breach(core: Core) -> None:
    """Act on a breach that was written, and not acted on before the process was killed."""
    for entry in reversed(core.record.entries):
        if entry.type in (EntryType.RUN_ENDED, EntryType.ROLLBACK_ENDED):
            return
        if entry.type is EntryType.BREACH:
            core.phase = next((p for p in core.lock.runbook.phases if p.id == entry.phase), None)
            finish_breach(core, entry)


def _run_phase(core: Core, phase: Phase, seen: Seen) -> None:
    core.enter(phase)
    missing = [name for name in needs_of(core.lock.runbook, phase) if core.state.phases.get(name) != "ok"]
    if missing:
        raise Stop(RunStatus.STOPPED, f"phase {phase.id} needs {', '.join(missing)}, not ended yet", hint=core.resume)
    core.admit()
    if phase.id not in core.state.phase_started:
        body = {"title": phase.title, "risk": phase.risk.value, "estimate_s": estimate_seconds(phase.estimate)}
        core.write(EntryType.PHASE_STARTED, {**body, **log_places(core, "phase", checks_of_phase(phase))})
    began = core.options.clock()
    core.options.tell(f"phase {phase.id}: {phase.title}")
    core.world.watcher.mark(f"phase {phase.id}")
    _ask_before(core, phase)
    look_up_begun(core, phase.tasks)
    for task in order_tasks(phase):
        bring(core, task, seen)
        _stop_where_asked(core, task.id)
    if phase.gate is not None:
        pass_gate(core, phase, phase.gate)
    core.look()
    spent = core.options.clock() - began
    core.write(EntryType.PHASE_ENDED, {"outcome": "ok", "duration_s": round(spent, 3)})
    _note_overrun(core, phase, spent)
    _tell_phase(core, phase)
    core.enter(phase)


def _ask_before(core: Core, phase: Phase) -> None:
    begun = any(core.state.tasks[task.id].effect is not TaskState.PENDING for task in phase.tasks)
    if not phase.before or (begun and f"{phase.id}/before" in core.state.places):
        return
    results = ask_with_words(core, f"{phase.id}/before", phase.before)
    core.write(EntryType.CHECKED, {"place": f"{phase.id}/before", "results": results})
    if not worst_of(r.outcome for r in results).opens:
        tell_closed(core, results)
        raise Stop(RunStatus.STOPPED, f"phase {phase.id} was not begun: {say_closed(results)}", hint=core.resume)


def _note_overrun(core: Core, phase: Phase, spent: float) -> None:
    estimate = estimate_seconds(phase.estimate)
    if estimate and spent > 2 * estimate:
        text = f"phase {phase.id} took {show_seconds(spent)}, more than twice the estimate of {phase.estimate}"
        core.write(EntryType.DEVIATION, {"what": "overrun", "text": text})
        core.tell_people(f"overrun:{phase.id}", "during", text)


def _tell_phase(core: Core, phase: Phase) -> None:
    """Tell people that a phase ended, once; what is next belongs to it."""
    ids = [p.id for p in core.lock.runbook.phases]
    rest = core.lock.runbook.phases[ids.index(phase.id) + 1 :]
    after = f"next: phase {rest[0].id} {rest[0].title}" if rest else "it was the last"
    core.tell_people(f"phase:{phase.id}", "during", f"phase {phase.id} {phase.title}: ended, gate open; {after}")


def _stop_where_asked(core: Core, *ids: str) -> None:
    if core.options.until and core.options.until in ids:
        if not core.state.unfinished:
            return
        raise Stop(RunStatus.STOPPED, f"stopped after {core.options.until} as asked", hint=core.resume, exit_code=0)


def _bake(core: Core) -> None:
    """Stay armed for a while after the last task."""
    seconds = parse_seconds(core.options.bake or core.lock.runbook.bake)
    if not seconds:
        core.check_breach()
        return
    end = core.options.clock() + seconds
    until = core.utc((core.options.now() + timedelta(seconds=seconds)).isoformat())
    text = f"baking for {show_seconds(seconds)} with monitors armed, until {until}"
    core.wait("timer", "bake", text, is_over=lambda: core.options.clock() >= end)
    core.admit()


def _completion_words(core: Core, status: RunStatus) -> str:
    left = [s.task.id for s in core.state.tasks.values() if s.state in (TaskState.SKIPPED, TaskState.DEFERRED)]
    done = sum(s.state is TaskState.DONE for s in core.state.tasks.values())
    words = f"{status.value}: {done} of {len(core.state.tasks)} tasks done, {len(core.state.gates)} gates open"
    return f"{words}; left out: {', '.join(left)}" if left else words


def _end(core: Core, ending: Ending) -> Ending:
    """Write the end; a run that rests has said why already."""
    core.phase = None
    if ending.status not in _RESTS:
        core.write(EntryType.RUN_ENDED, {"status": ending.status.value, "message": ending.message})
        key = "after" if ending.status.is_over else f"stopped:{core.state.seq}"
        core.tell_people(
            key, "after" if ending.status.is_over else "during", f"{ending.status.value}: {ending.message}"
        )
    return ending


def _say_end(core: Core) -> Ending:
    """Say how a run ended that is over; its last message is sent if it was not."""
    assert core.state.ended is not None
    status, message = core.state.status, str(core.state.ended.body["message"])
    core.tell_people("after", "after", f"{status.value}: {message}")
    return Ending(status, message, f"lockgate report build {core.record.folder.name}", _EXIT.get(status, 0))
