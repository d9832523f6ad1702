"""Tell people what a run does: the runbook's messages of a moment, each once, with what became of them journaled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol

from lockgate.coordinate.docs import export_docs
from lockgate.coordinate.sessions import beat_session, end_session
from lockgate.errors import LockgateError
from lockgate.model.procedure import Entry, EntryType, effects_of
from lockgate.model.runbook import Runbook
from lockgate.model.session import SessionState, Step
from lockgate.notify.message import Delivery, Message, Severity
from lockgate.notify.templates import render_template, template_for
from lockgate.outside.redact import redact
from lockgate.runbook.outcome import outcome_of
from lockgate.runbook.people_tools import PeopleTools

_SEVERITY = {"before": Severity.INFO, "during": Severity.INFO, "after": Severity.INFO, "breach": Severity.FAILURE}
_TELLS_BADLY = ("failed", "stopped", "rolled back", "holding", "nobody knows", "unknown")


class Journal(Protocol):
    """What of a `Record` is needed here."""

    entries: list[Entry]

    def append(self, kind: EntryType, body: Mapping[str, Any], *, phase: str = "", task: str = "") -> Entry:
        """Write an entry."""


def make_tell_people(
    tools: PeopleTools, runbook: Runbook, run: str, record: Journal
) -> Callable[[str, str, str], None]:
    """Return ``tell_people(key, when, text)`` of a `World`.

    The messages of a moment go to their channels; where a runbook has none for it, to those of its contacts. Each is
    sent once for its key, also after a crash; a channel that fails is in the journal and stops nothing. The run's work
    session gives a sign of life besides.
    """

    def tell_people(key: str, when: str, text: str) -> None:
        told = {(e.body.get("key"), e.body.get("channel")) for e in record.entries if e.type is EntryType.NOTIFIED}
        wanted = [
            (channel, message)
            for channel, message in _messages(tools, runbook, run, key, when, text, facts_of(record.entries, key, when))
            if (message.key, channel) not in told
        ]
        if wanted:
            with ThreadPoolExecutor(len(wanted)) as pool:
                deliveries = list(pool.map(lambda pair: deliver(tools, *pair), wanted))
            for (_, message), delivery in zip(wanted, deliveries, strict=True):
                record.append(EntryType.NOTIFIED, notified_body(message, delivery))
        if when == "after" and not text.startswith("complete"):
            release_session(tools, record, text)
        else:
            keep_alive(tools, runbook, record.entries)

    return tell_people


def deliver(tools: PeopleTools, channel: str, message: Message) -> Delivery:
    """Send a message to a channel by name; one that is not configured is a delivery that failed."""
    try:
        return tools.sender.send(tools.channel(channel), message)
    except LockgateError as error:
        at = tools.now().isoformat(timespec="seconds")
        return Delivery(message.key, channel, False, at, error=redact(str(error)))


def notified_body(message: Message, delivery: Delivery) -> dict[str, Any]:
    """Return the body of an entry ``notified``."""
    return {
        "key": message.key,
        "channel": delivery.channel,
        "message": message.text,
        "is_delivered": delivery.is_delivered,
        "error": delivery.error,
        "attempts": delivery.attempts,
    }


def _messages(
    tools: PeopleTools, runbook: Runbook, run: str, key: str, when: str, text: str, facts: Mapping[str, str]
) -> list[tuple[str, Message]]:
    """Return channels and messages of a moment; several messages to one channel are told apart in their keys."""
    planned = [m for m in runbook.messages if m.when == when and m.channel]
    contacts = list(dict.fromkeys(c.notify for c in runbook.contacts if c.notify))
    items = [(m.channel, m.text, m.template) for m in planned] or [(channel, "", "") for channel in contacts]
    found: list[tuple[str, Message]] = []
    for channel, words, template in items:
        number = sum(1 for name, _ in found if name == channel)
        more = {**facts, "report": f"lockgate report build {run}" if when == "after" else ""}
        values = tools.values({"text": text, "message": words, "run": run, **more})
        body = render_template(template_for(template or when, tools.notify.templates), values)
        message = Message(
            key=f"{run}/{key}" + (f"#{number + 1}" if number else ""),
            title=_title(runbook, when, text),
            text=body,
            severity=_severity(when, text),
            facts={"run": run, "when": when, "runbook": runbook.runbook, "target": tools.target},
        )
        found.append((channel, message))
    return found


def _title(runbook: Runbook, when: str, text: str) -> str:
    name, first = runbook.title or runbook.runbook, text.strip().split("\n")[0]
    if when == "breach":
        return f"{name}: BREACH: {first}"[:160]
    return (first if first.startswith(name) else f"{name}: {first}")[:160]


def facts_of(entries: Sequence[Entry], key: str, when: str) -> dict[str, str]:
    """Return what a message may say besides: how long a phase or the run took, and what was not as planned."""
    facts = {"duration": "", "deviations": ""}
    if key.startswith("phase:"):
        ended = [e for e in entries if e.type is EntryType.PHASE_ENDED and e.phase == key.partition(":")[2]]
        facts["duration"] = _span(float(ended[-1].body.get("duration_s", 0.0))) if ended else ""
    if when == "after" and entries:
        begun = datetime.fromisoformat(entries[0].ts)
        facts["duration"] = _span((datetime.fromisoformat(entries[-1].ts) - begun).total_seconds())
        found = [str(e.body.get("text", "")) for e in entries if e.type is EntryType.DEVIATION]
        facts["deviations"] = "; ".join(found) or "none"
    return facts


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _severity(when: str, text: str) -> Severity:
    words = text.casefold()
    if when == "after" and words.startswith("complete"):
        return Severity.SUCCESS
    if when in ("during", "after") and any(word in words for word in _TELLS_BADLY):
        return Severity.WARNING
    return _SEVERITY.get(when, Severity.INFO)


def session_of(entries: Sequence[Entry]) -> str:
    """Return the work session a run started, as its journal says; empty: none."""
    found = effects_of(entries, "session")
    return str(found[-1].body.get("id", "")) if found else ""


def release_session(tools: PeopleTools, journal: Journal, why: str) -> None:
    """Free the claims of a run that is over without being complete; that it was done is an effect of the run."""
    name = session_of(journal.entries)
    if not name:
        return
    try:
        ended = end_session(tools.registry, name, SessionState.ABANDONED, now=tools.now, reason=why)
        if tools.docs is not None:
            export_docs(tools.docs, tools.registry.read(), tools.now())
    except LockgateError as error:
        journal.append(EntryType.DEVIATION, {"what": "note", "text": f"{name} could not be released: {error}"})
        return
    journal.append(EntryType.EFFECT, {"what": "session", "id": name, "state": ended.state.value})


def keep_alive(tools: PeopleTools, runbook: Runbook, entries: Sequence[Entry]) -> None:
    """Give the run's session a sign of life, with its progress.

    That it cannot be given stops nothing; it is seen when a check asks for the session.
    """
    name = session_of(entries)
    if not name:
        return
    steps = progress_of(runbook, entries)
    try:
        beat_session(tools.registry, name, tools.actor, now=tools.now, progress=steps)
        if tools.docs is not None:
            export_docs(tools.docs, tools.registry.read(), tools.now())
    except LockgateError:
        pass


def progress_of(runbook: Runbook, entries: Sequence[Entry]) -> tuple[Step, ...]:
    """Return the boxes of a run: its phases, ticked where they have ended with their gate open."""
    done = outcome_of(runbook, entries).phases
    return tuple(Step(title=f"Phase {phase.id}: {phase.title}", is_done=phase.id in done) for phase in runbook.phases)
