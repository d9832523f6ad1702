"""Sessions as bytes and back, the same in every registry; pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lockgate.coordinate.sessions import Book
from lockgate.errors import ArtifactError
from lockgate.model import codec
from lockgate.model.session import FORMAT_VERSION, WorkSession


def encode_session(session: WorkSession) -> bytes:
    """Return one session as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(session, order="sorted"), indent=1) + b"\n"


def decode_session(data: bytes | str, where: str) -> WorkSession:
    """Read one session.

    Raises:
        ArtifactError: It is damaged, or of a version this program does not know.
    """
    try:
        session = codec.read_json(data, WorkSession)
    except msgspec.MsgspecError as error:
        raise _damaged(where, str(error)) from None
    if session.format_version != FORMAT_VERSION:
        raise _damaged(where, f"format version {session.format_version}, this program reads {FORMAT_VERSION}")
    return session


def decode_book(items: Iterable[tuple[bytes | str, str]]) -> Book:
    """Read all sessions, each with the words for where it stands."""
    return tuple(decode_session(data, where) for data, where in items)


def merge_book(changed: Book) -> Book:
    """Return what a change gave, in order of ids."""
    return tuple(sorted(changed, key=lambda session: session.id))


def _damaged(where: str, cause: str) -> ArtifactError:
    return ArtifactError(
        "a session in the registry cannot be read, so who holds what is unknown",
        where=where,
        cause=cause,
        state="nothing was claimed",
        hint="repair or remove it; lockgate session list",
    )
