"""Which SQLite library this is, and what it can do."""

from __future__ import annotations

from typing import NamedTuple

from lockgate.engine.base import Session
from lockgate.model.server import Server


class Capabilities(NamedTuple):
    """What a version can do natively.

    Source: sqlite.org/changes.html (DROP COLUMN 3.35.0, STRICT and table_list 3.37.0).
    """

    has_drop_column: bool
    has_strict: bool


def identify(session: Session) -> Server:
    """Tell the library's version and the database's encoding."""
    version = str(session.query("SELECT sqlite_version()")[0][0])
    encoding = str(session.query("PRAGMA encoding")[0][0])
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    return Server(
        engine="sqlite",
        flavor="sqlite",
        version=numbers,
        version_text=f"SQLite {version}",
        settings=(("encoding", encoding),),
    )


def capabilities(server: Server) -> Capabilities:
    """Return what this version can do."""
    return Capabilities(has_drop_column=server.version >= (3, 35), has_strict=server.version >= (3, 37))
