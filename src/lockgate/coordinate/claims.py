"""What a session claims, read from words, and which claims meet; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockgate.coordinate.globs import patterns_overlap, tidy_pattern
from lockgate.errors import InputError
from lockgate.model.session import KINDS, Claim, SessionState, WorkSession

_SCHEMA_KINDS = ("table", "column")
_ALIASES = {"tables": "table", "columns": "column", "file": "files", "path": "files", "targets": "target"}


@dataclass(frozen=True)
class Conflict:
    """A claim of ours that meets one of another session."""

    session: WorkSession
    theirs: Claim
    ours: Claim

    @property
    def sentence(self) -> str:
        """Holder, what, since and until, in words."""
        them = self.session
        return (
            f"{self.ours} meets {self.theirs} of {them.id}, held by {them.owner or them.holder} "
            f"since {them.started_at}, until {expires_at(them)} unless there is a sign of life"
        )


def parse_claim(text: str, *, is_shared: bool = False) -> Claim:
    """Read ``table:orders``, ``column:orders.total``, ``files:drizzle/**``, ``target:prod``, ``shared:…`` before it.

    Raises:
        InputError: It is none of these.
    """
    rest = text.strip()
    if rest.startswith("shared:"):
        rest, is_shared = rest[len("shared:") :], True
    elif rest.startswith("exclusive:"):
        rest, is_shared = rest[len("exclusive:") :], False
    kind, _, thing = rest.partition(":")
    kind = _ALIASES.get(kind, kind)
    thing = tidy_pattern(thing) if kind == "files" else thing.strip().strip('`"')
    if kind not in KINDS or not thing or (kind == "column" and "." not in thing):
        raise InputError(
            f"{text!r} is no claim",
            where="--claim",
            cause="allowed are table:NAME, column:TABLE.COLUMN, files:PATTERN, target:NAME, each with shared: before",
            state="nothing was claimed",
            hint="lockgate session start TASK --claim table:orders --claim 'files:drizzle/**'",
        )
    return Claim(kind=kind, object=thing, is_shared=is_shared)


def parse_claims(texts: Iterable[str], *, is_shared: bool = False) -> tuple[Claim, ...]:
    """Read several claims, each once, in order of kind and object."""
    found = {parse_claim(text, is_shared=is_shared) for text in texts}
    return tuple(sorted(found, key=lambda claim: (KINDS.index(claim.kind), claim.object, claim.is_shared)))


def claims_meet(one: Claim, two: Claim, target_one: str = "", target_two: str = "") -> bool:
    """Tell whether two claims are about the same thing and not both shared.

    An exclusive claim on a target takes in the tables and columns that are claimed in it.
    """
    if one.is_shared and two.is_shared:
        return False
    if one.kind == "files" or two.kind == "files":
        return one.kind == two.kind and patterns_overlap(one.object, two.object)
    if one.kind == "target" and two.kind == "target":
        return one.object.casefold() == two.object.casefold()
    if one.kind == "target" or two.kind == "target":
        whole, part_target = (one, target_two) if one.kind == "target" else (two, target_one)
        return not whole.is_shared and whole.object.casefold() == part_target.casefold()
    if target_one and target_two and target_one != target_two:
        return False
    return _names_meet(one, two)


def _names_meet(one: Claim, two: Claim) -> bool:
    (table_one, column_one), (table_two, column_two) = _parts(one), _parts(two)
    if not _tables_meet(table_one, table_two):
        return False
    return not column_one or not column_two or patterns_overlap(column_one, column_two)


def _parts(claim: Claim) -> tuple[str, str]:
    name = claim.object.casefold()
    if claim.kind == "column":
        table, _, column = name.rpartition(".")
        return table, column
    return name, ""


def _tables_meet(one: str, two: str) -> bool:
    """Compare names with and without the namespace: where one has none, any is meant."""
    (space_one, _, name_one), (space_two, _, name_two) = one.rpartition("."), two.rpartition(".")
    if space_one and space_two and not patterns_overlap(space_one, space_two):
        return False
    return patterns_overlap(name_one, name_two)


def expires_at(session: WorkSession) -> str:
    """Return when a session's claims are free unless it gives a sign of life (UTC, ISO 8601)."""
    return (_moment(session.beat_at) + timedelta(seconds=session.ttl_s)).isoformat(timespec="seconds")


def state_of(session: WorkSession, now: datetime) -> SessionState:
    """Return where a session stands now: an active one without a sign of life in time has expired."""
    if session.state.is_over:
        return session.state
    is_late = now >= _moment(session.beat_at) + timedelta(seconds=session.ttl_s)
    return SessionState.EXPIRED if is_late else session.state


def find_conflicts(
    book: Sequence[WorkSession], claims: Sequence[Claim], target: str, now: datetime, *, but: str = ""
) -> tuple[tuple[Conflict, ...], tuple[Conflict, ...]]:
    """Return the conflicts with sessions that hold their claims, and those with sessions that have expired.

    Args:
        but: A session that is left out: our own.
    """
    held: list[Conflict] = []
    expired: list[Conflict] = []
    for session in sorted(book, key=lambda item: (item.started_at, item.id)):
        state = state_of(session, now)
        if session.id == but or state.is_over:
            continue
        found = [
            Conflict(session, theirs, ours)
            for ours in claims
            for theirs in session.claims
            if claims_meet(ours, theirs, target, session.target)
        ]
        (expired if state is SessionState.EXPIRED else held).extend(found)
    return tuple(held), tuple(expired)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
