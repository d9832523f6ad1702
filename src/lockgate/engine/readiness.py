"""Whether a database can take a change at all: rights and time-outs; the types, each engine fills them in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Readiness:
    """What was found. ``missing`` are rights that a change needs, each as the statement or act that gives it.

    ``cut_offs`` are time-outs set on the server or the user that would cut a change off; ``unknown`` what could not be
    looked at. ``privileges`` says in words whose rights were looked at.
    """

    privileges: str
    missing: tuple[str, ...] = ()
    cut_offs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
