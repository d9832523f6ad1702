"""The chain of hashes through a run's journal: what an entry's hash must be, and whether a whole file holds; pure."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import replace

from lockgate.errors import ArtifactError
from lockgate.model import codec
from lockgate.model.procedure import Entry

FIRST = "0" * 64
"""What stands as the hash before the first entry."""


def hash_of(entry: Entry) -> str:
    """Return the hash an entry must have: over all of it but the hash, the entry before included."""
    return hashlib.sha256(codec.encode(replace(entry, hash=""))).hexdigest()


def check_chain(data: bytes, where: str) -> tuple[Entry, ...]:
    """Return the entries of a journal whose every line is what was written; a last line cut by a crash is left out.

    Raises:
        ArtifactError: An entry was changed, left out or put in; it names the line.
    """
    lines = data.splitlines()
    entries: list[Entry] = []
    before = FIRST
    for number, line in enumerate(lines, 1):
        try:
            entry = codec.read_json(line, Entry)
        except msgspec.MsgspecError as error:
            if number == len(lines) and not data.endswith(b"\n"):
                break
            raise _broken(where, number, str(error)) from None
        if entry.seq != number or entry.prev != before or hash_of(entry) != entry.hash:
            raise _broken(where, number, "the entry, or the one before it, is not what was written")
        entries.append(entry)
        before = entry.hash
    return tuple(entries)


def _broken(where: str, line: int, cause: str) -> ArtifactError:
    return ArtifactError(
        "the run's journal was changed after it was written",
        where=f"{where}:{line}",
        cause=cause,
        state="what it says from there on proves nothing",
        hint="keep the file as it is and find out who wrote to it; a bundle of the run has what it was",
    )
