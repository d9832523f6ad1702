"""What a server refused, with the place in the user's files that asked for it."""

from __future__ import annotations

from typing import Any

from .common import Refused, place_of


def refused_by_server(error: Any, folder: str, place: tuple[str, int] | None = None) -> Refused:
    """Return the report of an SQLAlchemy ``DBAPIError``."""
    file, line = place or place_of(error, folder)
    return Refused(
        "the server refuses a statement",
        file=file,
        line=line,
        statement=shorten_text(error.statement),
        cause=str(error.orig),
    )


def shorten_text(text: Any) -> str:
    """Return a statement on one line, cut to a readable length."""
    words = " ".join(str(text or "").split())
    return words if len(words) <= 200 else words[:199] + "…"
