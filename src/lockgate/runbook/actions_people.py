"""Tasks about people: the work session of a run, messages, the changelog and the roadmap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lockgate.coordinate.changelog import entry_lines, insert_entry
from lockgate.coordinate.claims import expires_at, parse_claims
from lockgate.coordinate.docs import export_docs
from lockgate.coordinate.sessions import Wish, beat_session, start_session
from lockgate.coordinate.tick import tick_items
from lockgate.errors import FailedError, InputError, LockgateError
from lockgate.model.actions import Document, Notify, SessionAction
from lockgate.model.outcome import FailureClass
from lockgate.model.procedure import TaskState
from lockgate.model.session import WorkSession
from lockgate.notify.message import Message
from lockgate.notify.templates import render_template, template_for
from lockgate.runbook.base import Done, Effect, Perform, Probe, TaskContext
from lockgate.runbook.closing import Closing, close_session
from lockgate.runbook.outcome import outcome_of
from lockgate.runbook.people import deliver, progress_of, session_of
from lockgate.runbook.people_tools import PeopleTools


def perform_session(tools: PeopleTools, action: SessionAction, context: TaskContext) -> Done:
    """Start, beat or close the session of this run."""
    if context.is_dry_run:
        return Done(TaskState.DONE, f"would {action.do} the work session of this run")
    if action.do == "start":
        return _start(tools, action, context)
    name = session_of(tuple(context.entries))
    if not name:
        return Done(TaskState.FAILED, "this run has started no work session")
    steps = progress_of(context.runbook, context.entries)
    if action.do == "beat":
        session = beat_session(tools.registry, name, tools.actor, now=tools.now, progress=steps)
        return Done(TaskState.DONE, f"{session.id} holds its claims until {expires_at(session)}")
    if action.do != "close":
        raise InputError(f"a session is not asked to {action.do}", cause="allowed are start, beat and close")
    outcome = outcome_of(context.runbook, context.entries)
    closing = Closing(
        folder=tools.folder,
        docs=tools.docs,
        now=tools.now,
        done=outcome.titles(TaskState.DONE),
        deferred=outcome.left_out,
        progress=steps,
    )
    closed, notes = close_session(tools.registry, name, closing)
    return Done(TaskState.DONE, "; ".join((f"{closed.id} is {closed.state.value}", *notes)))


def _start(tools: PeopleTools, action: SessionAction, context: TaskContext) -> Done:
    plan = context.runbook.session
    claims = action.claims or (plan.claims if plan else ())
    known = next((item for item in tools.registry.read() if item.run == context.run and not item.state.is_over), None)
    if known is None:
        wish = Wish(
            task=action.task or (plan.task if plan else "") or context.runbook.runbook,
            title=context.runbook.title,
            actor=tools.actor,
            claims=parse_claims(claims),
            target=tools.target,
            owner=plan.owner if plan else "",
            branch=plan.branch if plan else "",
            run=context.run,
            progress=progress_of(context.runbook, context.entries),
            ttl_s=tools.session.expires_s,
            template=(plan.id if plan else "") or tools.session.id,
        )
        started = start_session(tools.registry, wish, now=tools.now, new_hex=tools.new_hex)
        known = started.session
        for conflict in started.expired:
            context.tell(f"{conflict.session.id} has expired; its claims were free")
    context.effect(_effect(known, tools.registry.place))
    if tools.docs is not None:
        export_docs(tools.docs, tools.registry.read(), tools.now())
    return Done(TaskState.DONE, f"{known.id} holds {', '.join(map(str, known.claims)) or 'nothing'}")


def _effect(session: WorkSession, place: str) -> Effect:
    facts = {"registry": place, "claims": [str(claim) for claim in session.claims], "holder": session.holder}
    return Effect("session", session.id, facts)


def probe_session(tools: PeopleTools, action: SessionAction, context: TaskContext) -> TaskState:
    """Look in the registry."""
    of_run = [session for session in tools.registry.read() if session.run == context.run]
    if action.do == "start":
        is_there = any(not session.state.is_over for session in of_run)
        is_noted = bool(session_of(tuple(context.entries)))
        return TaskState.DONE if is_there and is_noted else TaskState.PENDING
    if action.do == "close":
        return TaskState.DONE if of_run and all(session.state.is_over for session in of_run) else TaskState.PENDING
    return TaskState.PENDING


def perform_notify(tools: PeopleTools, action: Notify, context: TaskContext) -> Done:
    """Send a message once; a channel that fails is recorded and stops nothing (a check ``notified`` does)."""
    values = tools.values({**context.values, "text": action.message, "run": context.run})
    template = template_for(action.template, tools.notify.templates) if action.template else action.message
    message = Message(
        key=f"{context.run}/task:{context.task.id}",
        title=f"{context.runbook.title or context.runbook.runbook}: {context.task.title}",
        text=render_template(template, values) or context.task.title,
        facts={"run": context.run, "task": context.task.id},
    )
    if context.is_dry_run:
        return Done(TaskState.DONE, f"would send to {action.channel}: {message.text}")
    delivery = deliver(tools, action.channel, message)
    facts = {"key": message.key, "message": message.text, "is_delivered": delivery.is_delivered}
    facts |= {"error": delivery.error, "attempts": delivery.attempts}
    context.effect(Effect("channel", action.channel, facts))
    if delivery.is_delivered:
        return Done(TaskState.DONE, f"{action.channel} has it{'' if delivery.is_new else ' already'}")
    return Done(TaskState.DONE, f"NOT delivered to {action.channel}, and the run goes on: {delivery.error}")


def probe_notify(_tools: PeopleTools, _action: Notify, _context: TaskContext) -> TaskState:
    """Say that it may be done again: the ledger knows who has the message."""
    return TaskState.PENDING


def write_changelog(tools: PeopleTools, action: Document, context: TaskContext) -> Done:
    """Write this run's entry under Unreleased; again for the same run changes nothing but that entry."""
    name = action.output or context.runbook.changelog or "CHANGELOG.md"
    outcome = outcome_of(context.runbook, context.entries)
    title = context.runbook.title or context.runbook.runbook
    lines = entry_lines(context.run, title, outcome.titles(TaskState.DONE), outcome.left_out)
    return _rewrite(tools.folder / name, lambda text: insert_entry(text, context.run, lines), context, is_new=True)


def tick_roadmap(tools: PeopleTools, action: Document, context: TaskContext) -> Done:
    """Tick the items of tasks that the journal says are done; deferred and skipped ones never."""
    name = action.output or tools.roadmap_file
    if not name:
        raise InputError("no roadmap is named", where="roadmap", cause="neither the runbook nor [roadmap] names one")
    done, left = outcome_of(context.runbook, context.entries).linked_items()
    missing: list[str] = []

    def tick(text: str) -> str:
        ticked = tick_items(text, done)
        missing.extend(ticked.missing)
        return ticked.text

    result = _rewrite(tools.folder / name, tick, context)
    words = f"{len(done)} of {len(done) + len(left)} linked items are done: {', '.join(done) or 'none'}"
    if missing:
        return Done(TaskState.FAILED, f"{name} has no {', '.join(missing)}; {words}")
    return Done(result.state, f"{words}; {result.message}", failure_class=result.failure_class)


def _rewrite(path: Path, change: Callable[[str], str], context: TaskContext, *, is_new: bool = False) -> Done:
    try:
        before = path.read_bytes().decode() if path.is_file() or not is_new else ""
        after = change(before)
        if context.is_dry_run or after == before:
            return Done(TaskState.DONE, f"{'would write' if after != before else 'nothing to change in'} {path.name}")
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(after.encode())
        part.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", "") or str(error)
        raise FailedError(f"{path.name} cannot be rewritten", where=str(path), cause=cause) from None
    context.effect(Effect("file", str(path), {"bytes": len(after.encode())}))
    return Done(TaskState.DONE, f"wrote {path.name}")


PERFORM_PEOPLE: dict[str, Callable[..., Done]] = {"session": perform_session, "notify": perform_notify}
PROBE_PEOPLE: dict[str, Callable[..., TaskState]] = {"session": probe_session, "notify": probe_notify}
DOCUMENTS_PEOPLE: dict[str, Callable[..., Done]] = {"changelog": write_changelog, "roadmap": tick_roadmap}
"""What a task ``document`` makes that is about people, by its ``make``."""


def build_perform_people(tools: PeopleTools) -> dict[str, Perform]:
    """Return what does each kind of task about people; an error ends the task and never the engine."""
    return {kind: _safe(tools, function) for kind, function in PERFORM_PEOPLE.items()}


def build_documents_people(tools: PeopleTools) -> dict[str, Perform]:
    """Return what makes each document about people, by its ``make``."""
    return {make: _safe(tools, function) for make, function in DOCUMENTS_PEOPLE.items()}


def build_probe_people(tools: PeopleTools) -> dict[str, Probe]:
    """Return what looks whether an interrupted task was done; what cannot be looked up is unknown."""

    def bind(function: Callable[..., TaskState]) -> Probe:
        def probe(action: object, context: TaskContext) -> TaskState:
            try:
                return function(tools, action, context)
            except LockgateError:
                return TaskState.UNKNOWN

        return probe

    return {kind: bind(function) for kind, function in PROBE_PEOPLE.items()}


def _safe(tools: PeopleTools, function: Callable[..., Done]) -> Perform:
    def perform(action: object, context: TaskContext) -> Done:
        try:
            return function(tools, action, context)
        except LockgateError as error:
            return Done(TaskState.FAILED, str(error), failure_class=FailureClass.PROCESS)

    return perform
