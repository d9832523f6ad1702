"""Whether an SQLite file can be changed: the file and its folder must be writable."""

from __future__ import annotations

import os
from pathlib import Path

from lockgate.engine.base import Session
from lockgate.engine.readiness import Readiness


def readiness(session: Session) -> Readiness:
    """Look at the file and the folder, where the journal is written beside it."""
    path = Path(session.target.path)
    places = (path, path.parent)
    missing = tuple(f"chmod u+w {place}" for place in places if place.exists() and not os.access(place, os.W_OK))
    return Readiness("this process", missing)
