"""People with their roles, and what they put on record: approvals, waivers, delegations, revocations; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec.structs import replace

from lockgate.model import codec
from lockgate.model.schema import Value

FORMAT_VERSION = 1


class Person(Value, frozen=True):
    """Somebody of ``[people]`` in lockgate.toml.

    ``accounts`` are the names they act under: system users, e-mail addresses of commits, principals of signatures.
    ``rank`` says who may waive what; ``channel`` is where they are told things.
    """

    id: str
    name: str = ""
    accounts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rank: int = 1
    channel: str = ""

    def is_called(self, text: str) -> bool:
        """Whether a name, account or address means this person."""
        known = {self.id, self.name, *self.accounts}
        return _plain(text) in {_plain(item) for item in known if item}


class RecordKind(Enum):
    """What is put on record."""

    APPROVE = "approve"
    REVOKE = "revoke"
    DELEGATE = "delegate"
    WAIVE = "waive"
    REQUEST = "request"


class ApprovalRecord(Value, frozen=True, omit_defaults=False):
    """One act of one person, in a file of its own that is never changed.

    ``digest`` is what it binds to (a runbook as it runs, or files under review; empty for a delegation). ``by`` is a
    person's id (or the account where nobody is configured), ``account`` the system's user. ``item`` is one approval of
    the runbook's list, ``check`` what a waiver is about, ``record`` what is revoked, ``to`` who a role is handed to.
    ``expires`` is when it stops to count (UTC). ``id`` is of all the rest but the signature.
    """

    kind: RecordKind
    by: str
    at: str
    digest: str = ""
    role: str = ""
    account: str = ""
    host: str = ""
    comment: str = ""
    expires: str = ""
    item: str = ""
    check: str = ""
    record: str = ""
    to: str = ""
    subject: str = ""
    tag: str = ""
    id: str = ""
    signature: str = ""
    signed_by: str = ""
    format_version: int = FORMAT_VERSION


def signed_part(record: ApprovalRecord) -> bytes:
    """Return what a signature and the id are over: the record without them."""
    return codec.encode(replace(record, id="", signature="", signed_by=""))


def with_id(record: ApprovalRecord) -> ApprovalRecord:
    """Return the record with the id that belongs to it."""
    return replace(record, id=id_of(record))


def id_of(record: ApprovalRecord) -> str:
    """Return the id a record must have."""
    return codec.digest_of(replace(record, id="", signature="", signed_by=""))[:16]


def find_person(people: Iterable[Person], text: str) -> Person | None:
    """Return who is called so; None when nobody is."""
    return next((person for person in people if text and person.is_called(text)), None)


def who(people: Sequence[Person], text: str) -> str:
    """Return one name for a person whatever they are called here, so that two names of one are one."""
    person = find_person(people, text)
    return person.id if person else _plain(text)


def rank_of_roles(people: Sequence[Person], roles: Iterable[str]) -> int:
    """Return the rank that standing in for these roles takes: of each the lowest that has it, the highest of these."""
    ranks = [[person.rank for person in people if role in person.roles] for role in roles]
    return max((min(found) for found in ranks if found), default=1)


def _plain(text: str) -> str:
    """Fold case and spaces, and take the address out of ``Name <address>``."""
    inside = text.partition("<")[2].partition(">")[0]
    return " ".join((inside or text).split()).casefold()
