"""What can be done with work sessions: start, beat, pause, block, close, abandon, take over; over any registry.

A registry changes its book in one step that no other can get in between: it reads all sessions, asks a pure function
what they become, and writes that, or begins again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from msgspec.structs import replace

from lockgate.coordinate.claims import Conflict, expires_at, find_conflicts, state_of
from lockgate.errors import InputError, LeaseHeld
from lockgate.model.procedure import Actor
from lockgate.model.session import Claim, SessionState, Step, Takeover, WorkSession

DEFAULT_TEMPLATE = "Session-{date}-{task}-{hex6}"
DEFAULT_TTL_S = 4 * 3600
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,119}")

Book: TypeAlias = tuple[WorkSession, ...]
Change: TypeAlias = Callable[[Book], Book]
"""From all sessions to those that change or are new; raises to change nothing."""


class Registry(Protocol):
    """Where sessions are kept. ``place`` says it in words."""

    place: str

    def read(self) -> Book:
        """Return all sessions as they are now."""

    def change(self, change: Change) -> None:
        """Read, ask, write: as one step."""


@dataclass(frozen=True)
class Wish:
    """What somebody who starts a session says."""

    task: str
    actor: Actor
    claims: tuple[Claim, ...] = ()
    target: str = ""
    id: str = ""
    title: str = ""
    owner: str = ""
    eta: str = ""
    contact: str = ""
    branch: str = ""
    module: str = ""
    platform: str = ""
    sprint: str = ""
    run: str = ""
    notes: str = ""
    progress: tuple[Step, ...] = ()
    ttl_s: int = DEFAULT_TTL_S
    template: str = DEFAULT_TEMPLATE


@dataclass(frozen=True)
class Started:
    """A new session; ``expired`` are sessions whose claims it could have because they gave no sign of life."""

    session: WorkSession
    expired: tuple[Conflict, ...] = field(default=())


def make_id(template: str, task: str, now: datetime, hex6: str) -> str:
    """Fill a template for ids: ``{date}`` (YYYYMMDD), ``{task}``, ``{hex6}``.

    Raises:
        InputError: The template has other names in it, or its result is no file name.
    """
    slug = re.sub(r"[^A-Za-z0-9]+", "-", task).strip("-")[:60] or "task"
    try:
        name = template.format(date=now.strftime("%Y%m%d"), task=slug, hex6=hex6)
    except (KeyError, IndexError, ValueError):
        name = ""
    if not _ID.fullmatch(name):
        raise InputError(
            f"the template {template!r} makes no id of a session",
            where="[session] id",
            cause="allowed are letters, digits, . _ - and the names {date}, {task}, {hex6}",
            state="nothing was claimed",
        )
    return name


def start_session(
    registry: Registry, wish: Wish, *, now: Callable[[], datetime], new_hex: Callable[[], str]
) -> Started:
    """Claim everything the wish names, or nothing.

    Raises:
        LeaseHeld: Somebody holds something of it; names holder, since and until.
        InputError: The id is taken.
    """
    if not wish.task.strip():
        raise InputError("a session needs a task", where="TASK", state="nothing was claimed")
    found: list[Started] = []

    def change(book: Book) -> Book:
        moment = now().astimezone(UTC)
        held, expired = find_conflicts(book, wish.claims, wish.target, moment)
        if held:
            raise _held(held, "nothing was claimed")
        stamp = moment.isoformat(timespec="seconds")
        session = WorkSession(
            id=_free_id(book, wish, moment, new_hex),
            task=wish.task,
            actor=wish.actor,
            started_at=stamp,
            beat_at=stamp,
            ttl_s=wish.ttl_s,
            title=wish.title,
            claims=wish.claims,
            target=wish.target,
            owner=wish.owner or wish.actor.name,
            eta=wish.eta,
            contact=wish.contact,
            branch=wish.branch,
            module=wish.module,
            platform=wish.platform,
            sprint=wish.sprint,
            run=wish.run,
            notes=wish.notes,
            progress=wish.progress,
        )
        found[:] = [Started(session, expired)]
        return (session,)

    registry.change(change)
    return found[0]


def _free_id(book: Book, wish: Wish, moment: datetime, new_hex: Callable[[], str]) -> str:
    taken = {session.id.casefold() for session in book}
    if wish.id:
        if wish.id.casefold() in taken or not _ID.fullmatch(wish.id):
            raise InputError(
                f"the id {wish.id} is {'taken' if wish.id.casefold() in taken else 'no file name'}",
                state="nothing was claimed",
            )
        return wish.id
    for _ in range(8):
        name = make_id(wish.template, wish.task, moment, new_hex())
        if name.casefold() not in taken:
            return name
    raise InputError(
        f"every id that {wish.template!r} makes is taken",
        where="[session] id",
        state="nothing was claimed",
        hint="add {hex6} to the template",
    )


def beat_session(
    registry: Registry,
    name: str,
    actor: Actor,
    *,
    now: Callable[[], datetime],
    progress: Sequence[Step] | None = None,
) -> WorkSession:
    """Give a sign of life; one that comes too late takes the claims again, if nobody else has them.

    Raises:
        LeaseHeld: Somebody took the session over, or holds something of it now.
        InputError: There is no such session, or it is over.
    """

    def beat(session: WorkSession, book: Book, moment: datetime) -> WorkSession:
        _check_open(session)
        _check_actor(session, actor)
        if state_of(session, moment) is SessionState.EXPIRED:
            held, _ = find_conflicts(book, session.claims, session.target, moment, but=session.id)
            if held:
                raise _held(held, f"{session.id} has expired and holds nothing any more")
        steps = session.progress if progress is None else tuple(progress)
        return replace(session, beat_at=moment.isoformat(timespec="seconds"), progress=steps)

    return _change_one(registry, name, now, beat)


def mark_session(
    registry: Registry,
    name: str,
    state: SessionState,
    *,
    now: Callable[[], datetime],
    reason: str = "",
    next_step: str = "",
) -> WorkSession:
    """Pause a session, say what blocks it, or let it go on (ACTIVE); its claims stay while it gives signs of life.

    Raises:
        InputError: There is no such session, or it is over.
    """

    def mark(session: WorkSession, _book: Book, moment: datetime) -> WorkSession:
        _check_open(session)
        stamp = moment.isoformat(timespec="seconds")
        is_active = state is SessionState.ACTIVE
        return replace(
            session,
            state=state,
            beat_at=session.beat_at if state_of(session, moment) is SessionState.EXPIRED else stamp,
            reason="" if is_active else reason,
            next="" if is_active else next_step,
            since="" if is_active else stamp,
        )

    return _change_one(registry, name, now, mark)


def end_session(
    registry: Registry,
    name: str,
    state: SessionState,
    *,
    now: Callable[[], datetime],
    reason: str = "",
    commit: str = "",
    progress: Sequence[Step] | None = None,
) -> WorkSession:
    """Complete or abandon a session, which frees its claims; one that is over already stays as it is.

    Raises:
        InputError: There is no such session.
    """

    def end(session: WorkSession, _book: Book, moment: datetime) -> WorkSession:
        if session.state.is_over:
            return session
        return replace(
            session,
            state=state,
            reason=reason,
            next="",
            since="",
            commit=commit,
            ended_at=moment.isoformat(timespec="seconds"),
            progress=session.progress if progress is None else tuple(progress),
        )

    return _change_one(registry, name, now, end)


def take_over(
    registry: Registry, name: str, actor: Actor, reason: str, *, now: Callable[[], datetime], owner: str = ""
) -> WorkSession:
    """Make a session somebody else's, with the reason on record; its former holder's next beat is refused.

    Raises:
        InputError: No reason is given, there is no such session, or it is over.
        LeaseHeld: It had expired, and somebody holds something of it now.
    """
    if not reason.strip():
        raise InputError("a takeover needs a reason", where="--reason", state="nothing was changed")

    def take(session: WorkSession, book: Book, moment: datetime) -> WorkSession:
        _check_open(session)
        held, _ = find_conflicts(book, session.claims, session.target, moment, but=session.id)
        if held:
            raise _held(held, "nothing was taken over")
        stamp = moment.isoformat(timespec="seconds")
        record = Takeover(taken_by=actor.name, taken_from=session.owner or session.holder, at=stamp, reason=reason)
        return replace(
            session,
            actor=actor,
            owner=owner or actor.name,
            beat_at=stamp,
            state=SessionState.ACTIVE,
            takeovers=(*session.takeovers, record),
        )

    return _change_one(registry, name, now, take)


def find_session(book: Sequence[WorkSession], name: str) -> WorkSession:
    """Return a session by its id, or by its task, its run or the end of its id: the only one not over, else the newest.

    Raises:
        InputError: There is none, or more than one.
    """
    exact = next((session for session in book if session.id == name), None)
    if exact is not None:
        return exact
    named = [session for session in book if name in (session.task, session.run) or session.id.endswith(f"-{name}")]
    fits = [session for session in named if not session.state.is_over]
    if not fits and named:
        return max(named, key=lambda session: session.ended_at)
    if len(fits) == 1:
        return fits[0]
    raise InputError(
        f"there is no session {name}" if not fits else f"{name} may mean {' or '.join(item.id for item in fits)}",
        state="nothing was changed",
        hint="lockgate session list",
    )


def _change_one(
    registry: Registry,
    name: str,
    now: Callable[[], datetime],
    change: Callable[[WorkSession, Book, datetime], WorkSession],
) -> WorkSession:
    found: list[WorkSession] = []

    def act(book: Book) -> Book:
        session = find_session(book, name)
        changed = change(session, book, now().astimezone(UTC))
        found[:] = [changed]
        return () if changed == session else (changed,)

    registry.change(act)
    return found[0]


def _check_open(session: WorkSession) -> None:
    if session.state.is_over:
        raise InputError(
            f"the session {session.id} is {session.state.value} since {session.ended_at}",
            state="nothing was changed",
            hint=f"lockgate session start {session.task}",
        )


def _check_actor(session: WorkSession, actor: Actor) -> None:
    if session.takeovers and actor.name != session.actor.name:
        last = session.takeovers[-1]
        raise LeaseHeld(
            f"the session {session.id} was taken over at {last.at}: {last.reason}",
            holder=session.owner or session.holder,
            hint="ask the new holder, or lockgate session takeover with a reason",
        )


def _held(conflicts: Sequence[Conflict], state: str) -> LeaseHeld:
    first = conflicts[0]
    more = f" (and {len(conflicts) - 1} more)" if len(conflicts) > 1 else ""
    error = LeaseHeld(
        f"somebody else is at work on it: {first.sentence}{more}",
        holder=f"{first.session.owner or first.session.holder} since {first.session.started_at}, "
        f"until {expires_at(first.session)}",
        hint=f"ask {first.session.contact or first.session.owner or first.session.holder}, or lockgate session list",
    )
    error.state = state
    return error


def register_session(registry: Registry, session: WorkSession, *, now: Callable[[], datetime]) -> bool:
    """Put a session that was kept elsewhere into the registry; False: it is there already.

    Raises:
        LeaseHeld: Somebody holds something that it claims.
    """
    is_new: list[bool] = []

    def change(book: Book) -> Book:
        if any(item.id.casefold() == session.id.casefold() for item in book):
            is_new[:] = [False]
            return ()
        held, _ = find_conflicts(book, session.claims, session.target, now().astimezone(UTC))
        if held and not session.state.is_over:
            raise _held(held, "nothing was claimed")
        is_new[:] = [True]
        return (session,)

    registry.change(change)
    return is_new[0]
