"""A gate: all its checks asked now, whatever was found before; only ok or waived opens it."""

from __future__ import annotations

from datetime import timedelta

from lockgate.model.outcome import CheckResult, Outcome, allowed_level, worst_of
from lockgate.model.procedure import EntryType, RunStatus
from lockgate.model.runbook import Gate, OnFail, Phase, Rerun
from lockgate.runbook.durations import parse_seconds
from lockgate.runbook.engine.back import Wanted, go_back
from lockgate.runbook.engine.core import Core
from lockgate.runbook.engine.options import Stop
from lockgate.runbook.engine.tasks import accepted_lock
from lockgate.runbook.engine.undo import worst_class
from lockgate.runbook.engine.words import ask_with_words, closed, say_closed, tell_all
from lockgate.runbook.lock import changed_files, files_of


def pass_gate(core: Core, phase: Phase, gate: Gate) -> None:
    """Open a gate, or do what it says when it stays closed.

    Raises:
        Stop: It stays closed.
    """
    while True:
        core.look()
        results = ask_with_words(core, gate.id, gate.checks)
        core.look()
        if worst_of(r.outcome for r in results).opens:
            _write(core, gate, results, "open")
            core.options.tell(f"gate {gate.id}: open ({len(results)} checks)")
            tell_all(core, results)
            return
        _write(core, gate, results, gate.on_fail.value)
        core.options.tell(f"gate {gate.id}: CLOSED")
        tell_all(core, results)
        words = f"gate {gate.id} is closed: {say_closed(results) or 'it has no checks'}"
        core.tell_people(f"gate:{gate.id}:{core.state.seq}", "during", words)
        if gate.on_fail is OnFail.ROLLBACK:
            _roll_back(core, phase, gate, results, words)
        if gate.on_fail is not OnFail.ESCALATE:
            raise Stop(RunStatus.STOPPED, _with_stop_line(gate, words), hint=f"mend it, then {core.resume}")
        _escalate(core, gate, results, words)


def accept_mended(core: Core) -> None:
    """After a gate that says fix: take files as they are now, with their digests, and run again what they are part of.

    Only at the start of a process, before anything else; files that changed elsewhere refuse the run.
    """
    changed = changed_files(accepted_lock(core))
    if not changed:
        return
    for phase in core.lock.runbook.phases:
        gate = phase.gate
        if gate is None or gate.on_fail is not OnFail.FIX or core.state.gates.get(gate.id) != OnFail.FIX.value:
            continue
        for task in phase.tasks:
            hit = sorted(files_of(task, core.options.folder) & set(changed))
            if not hit or task.rerun is Rerun.NEVER:
                continue
            for path in hit:
                text = f"{path} was mended at gate {gate.id}; {task.id} runs again"
                body = {"what": "plan_changed", "text": text, "path": path, "sha256": changed[path]}
                core.write(EntryType.DEVIATION, body, phase=phase.id, task=task.id)
            body = {"what": "retry", "subject": task.id, "by": "lockgate", "reason": f"mended: {', '.join(hit)}"}
            core.write(EntryType.DECIDED, body, phase=phase.id, task=task.id)
    left = changed_files(accepted_lock(core))
    if left:
        raise Stop(
            RunStatus.STOPPED,
            f"{', '.join(sorted(left))} changed since the runbook was locked",
            hint="put the files back, or start a new run of the runbook as it is now",
            exit_code=9,
        )


def _roll_back(core: Core, phase: Phase, gate: Gate, results: tuple[CheckResult, ...], words: str) -> None:
    """Take the lowest sufficient level that the failed checks justify; nothing when they justify none."""
    highest = allowed_level(results, gate.level or phase.rollback)
    if highest is None:
        raise Stop(
            RunStatus.STOPPED,
            f"{words}; what failed justifies taking nothing back",
            hint=f"mend it, then {core.resume}",
        )
    failed = [r for r in results if r.outcome is Outcome.FAIL]
    worst = worst_class(failed)

    def is_enough() -> bool:
        again = core.ask(gate.id, gate.checks)
        names = {r.check for r in failed}
        core.write(EntryType.CHECKED, {"place": f"{gate.id}/after-rollback", "results": again})
        return all(r.outcome.opens for r in again if r.check in names)

    go_back(core, Wanted(words, worst, highest), is_enough)


def _escalate(core: Core, gate: Gate, results: tuple[CheckResult, ...], words: str) -> None:
    """Ask the reviewers, until the deadline: they stop it, mend and retry, or answer for each closed check."""
    since, limit = core.state.seq, parse_seconds(gate.deadline)
    until = ""
    if limit:
        until = core.utc((core.options.now() + timedelta(seconds=limit)).isoformat())
    who = " or ".join(gate.reviewers) or "a reviewer"
    subjects = (gate.id, *(r.check for r in closed(results)))
    known = {(waiver.check, waiver.at) for waiver in core.options.waivers()}

    def is_decided() -> bool:
        words = any(
            core.state.decision(w, s, since) is not None for w in ("decide", "retry", "waive") for s in subjects
        )
        new = [w for w in core.options.waivers() if (w.check, w.at) not in known]
        return words or any(waiver.check in subjects for waiver in new)

    text = f"{words}; {who} must decide"
    hint = core.command("decide", f'{gate.id} --open|--stop --reason "…"')
    if not core.wait("reviewers", gate.id, text, is_over=is_decided, until=until, hint=hint):
        raise Stop(RunStatus.STOPPED, f"{words}; nobody decided until {until}", hint=core.resume)
    word = core.state.decision("decide", gate.id, since)
    if word is not None and word.body.get("outcome") == "stop":
        said = f"{word.body['by']} decided to stop: {word.body['reason']}"
        raise Stop(RunStatus.STOPPED, f"{words}; {said}", hint=core.resume)


def _with_stop_line(gate: Gate, words: str) -> str:
    return f"{words} — {gate.written}" if gate.written else words


def _write(core: Core, gate: Gate, results: tuple[CheckResult, ...], decision: str) -> None:
    core.write(EntryType.GATE, {"gate": gate.id, "results": results, "decision": decision})
