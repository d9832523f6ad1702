"""Checks about people: the work session, the roadmap, who was told and who has acknowledged it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lockgate.coordinate.claims import expires_at, find_conflicts, parse_claims, state_of
from lockgate.coordinate.roadmap import RoadmapReport, validate_roadmap
from lockgate.coordinate.validate import validate_docs
from lockgate.gate.base import Answer, CheckContext, Evaluate
from lockgate.model.checks import NotifiedCheck, RoadmapCheck, SessionCheck
from lockgate.model.outcome import Outcome
from lockgate.model.procedure import Entry, EntryType
from lockgate.model.session import SessionState, WorkSession
from lockgate.runbook.people import session_of
from lockgate.runbook.people_tools import PeopleTools


def evaluate_session(tools: PeopleTools, check: SessionCheck, context: CheckContext) -> Answer:
    """Ask the registry now, whatever it said before."""
    book = tools.registry.read()
    name = session_of(tuple(context.entries))
    own = next((session for session in book if session.id == name), None)
    if check.is_ == "registered":
        return _registered(tools, check, own, name)
    if check.is_ == "no-conflict":
        return _no_conflict(tools, check, book, own)
    if check.is_ == "archived":
        return _archived(tools, own, name, book)
    return Answer(Outcome.UNKNOWN, "registered, no-conflict or archived", f"nobody knows what {check.is_!r} means")


def _registered(tools: PeopleTools, check: SessionCheck, own: WorkSession | None, name: str) -> Answer:
    expected = f"this run's session in {tools.registry.place}"
    if own is None:
        found = f"{name} is not there any more" if name else "this run has started none"
        return Answer(Outcome.FAIL, expected, found)
    state = state_of(own, tools.now())
    if state.is_over or state is SessionState.EXPIRED:
        return Answer(Outcome.FAIL, expected, f"{own.id} is {state.value}")
    if own.takeovers and own.actor.name != tools.actor.name:
        last = own.takeovers[-1]
        return Answer(Outcome.FAIL, expected, f"{own.id} was taken over by {last.taken_by}: {last.reason}")
    missing = [str(claim) for claim in parse_claims(check.claims) if claim not in own.claims]
    if missing:
        return Answer(Outcome.FAIL, expected, f"{own.id} does not claim {', '.join(missing)}", tuple(missing))
    claims = tuple(map(str, own.claims))
    return Answer(Outcome.OK, expected, f"{own.id} of {own.holder}, until {expires_at(own)}", claims)


def _no_conflict(
    tools: PeopleTools, check: SessionCheck, book: tuple[WorkSession, ...], own: WorkSession | None
) -> Answer:
    plan = tools.runbook.session if tools.runbook else None
    claims = parse_claims(check.claims) or (own.claims if own else ()) or parse_claims(plan.claims if plan else ())
    expected = f"nobody else on {', '.join(map(str, claims))}"
    if not claims:
        return Answer(Outcome.UNKNOWN, "nobody else on what this run changes", "neither check nor run names claims")
    held, expired = find_conflicts(book, claims, tools.target, tools.now(), but=own.id if own else "")
    if held:
        sentences = tuple(conflict.sentence for conflict in held)
        return Answer(Outcome.FAIL, expected, sentences[0], sentences)
    late = tuple(f"{conflict.session.id} has expired: {conflict.sentence}" for conflict in expired)
    others = sum(not state_of(session, tools.now()).is_over for session in book) - (own is not None)
    return Answer(Outcome.OK, expected, f"no claim of {others} other sessions meets ours", late)


def _archived(tools: PeopleTools, own: WorkSession | None, name: str, book: tuple[WorkSession, ...]) -> Answer:
    expected = "this run's session closed, its file archived"
    if own is None:
        return Answer(Outcome.UNKNOWN, expected, f"{name or 'a session of this run'} is not in {tools.registry.place}")
    if not own.state.is_over:
        return Answer(Outcome.FAIL, expected, f"{own.id} is {state_of(own, tools.now()).value}")
    if tools.docs is not None:
        found = validate_docs(tools.docs, book, tools.now())
        if found.errors:
            return Answer(Outcome.FAIL, expected, found.errors[0], found.errors)
    return Answer(Outcome.OK, expected, f"{own.id} is {own.state.value} since {own.ended_at}")


def check_roadmap(tools: PeopleTools, path: Path) -> RoadmapReport:
    """Validate a roadmap's file with the folders that are configured.

    Raises:
        OSError, UnicodeDecodeError: It cannot be read.
    """
    base = path.parent
    modules = tools.folder / tools.roadmap.modules if tools.roadmap.modules else tools.folder
    prompts = [tools.folder / tools.roadmap.prompts] if tools.roadmap.prompts else [base, tools.folder]
    return validate_roadmap(
        path.read_text(encoding="utf-8"),
        has_prompt=lambda name: any((folder / name).is_file() for folder in prompts),
        has_module=lambda name: any((folder / name).exists() for folder in (modules, base)),
    )


def evaluate_roadmap(tools: PeopleTools, check: RoadmapCheck, _context: CheckContext) -> Answer:
    """Validate the file now."""
    path = tools.folder / (check.path or tools.roadmap_file)
    expected = f"{path.name} without errors"
    try:
        report = check_roadmap(tools, path)
    except (OSError, UnicodeDecodeError) as error:
        return Answer(Outcome.UNKNOWN, expected, f"{path} cannot be read: {error}")
    if report.errors:
        items = tuple(map(str, report.errors))
        return Answer(Outcome.FAIL, expected, f"{len(items)} errors in {len(report.items)} items: {items[0]}", items)
    warnings = tuple(map(str, report.warnings))
    return Answer(Outcome.OK, expected, f"{len(report.items)} items checked, {len(warnings)} warnings", warnings)


def evaluate_notified(tools: PeopleTools, check: NotifiedCheck, context: CheckContext) -> Answer:
    """Look for delivery records in this run's journal, and for acknowledgements by name."""
    names = [name.strip() for name in check.channel.split(",") if name.strip()]
    expected = f"delivered to {', '.join(names)}" + (f", acknowledged by {', '.join(check.by)}" if check.by else "")
    records = _records(tuple(context.entries), check.message, tools.ledger.is_sent)
    never = [name for name in names if name not in records]
    if never:
        return Answer(Outcome.UNKNOWN, expected, f"no delivery record in this run: {', '.join(never)}", tuple(never))
    failed = [f"{name}: {records[name][1]}" for name in names if not records[name][0]]
    if failed:
        return Answer(Outcome.FAIL, expected, f"not delivered: {failed[0]}", tuple(failed))
    keys = {check.message, *(key for name in names for key in records[name][2])} - {""}
    have = {person.casefold() for key in keys for person in tools.ledger.acknowledged(key)}
    missing = tuple(person for person in check.by if person.casefold() not in have)
    if missing:
        key = check.message or next(iter(sorted(keys)), "")
        found = f"not acknowledged by {', '.join(missing)} (lockgate notify ack {key} --by NAME)"
        return Answer(Outcome.FAIL, expected, found, missing)
    return Answer(Outcome.OK, expected, f"{', '.join(names)}: delivered" + (", acknowledged" if check.by else ""))


def _records(
    entries: tuple[Entry, ...], message: str, is_sent: Callable[[str, str], bool]
) -> dict[str, tuple[bool, str, tuple[str, ...]]]:
    """Return by channel: whether every message arrived, what failed, and the keys.

    Args:
        is_sent: Tells of a key and a channel whether the message arrived later, when it was sent again.
    """
    newest: dict[tuple[str, str], tuple[bool, str]] = {}
    for entry in entries:
        body = entry.body
        if entry.type is EntryType.NOTIFIED:
            channel = str(body.get("channel", ""))
        elif entry.type is EntryType.EFFECT and body.get("what") == "channel":
            channel = str(body.get("id", ""))
            body = {**body, **(body.get("facts") or {})}
        else:
            continue
        key = str(body.get("key", ""))
        if not message or message in key or message in str(body.get("message", "")):
            newest[channel, key] = (bool(body.get("is_delivered")), str(body.get("error", "")))
    found: dict[str, tuple[bool, str, tuple[str, ...]]] = {}
    for (channel, key), (was_delivered, words) in newest.items():
        is_delivered = was_delivered or is_sent(key, channel)
        error = "" if is_delivered else words
        before = found.get(channel, (True, "", ()))
        found[channel] = (before[0] and is_delivered, before[1] or error, (*before[2], key))
    return found


EVALUATE_PEOPLE: dict[str, Callable[..., Answer]] = {
    "session": evaluate_session,
    "roadmap": evaluate_roadmap,
    "notified": evaluate_notified,
}


def build_evaluate_people(tools: PeopleTools) -> dict[str, Evaluate]:
    """Return what asks each kind of check about people."""

    def bind(function: Callable[..., Answer]) -> Evaluate:
        return lambda check, context: function(tools, check, context)

    return {kind: bind(function) for kind, function in EVALUATE_PEOPLE.items()}
