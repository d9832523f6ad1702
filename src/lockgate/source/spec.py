"""Read the notation for where a schema is: a URL, SQL files, ``snapshot:file.json``."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import InputError
from lockgate.model.target import Target, is_url, parse_target

_LATER = ("drizzle", "sqlalchemy", "django", "migrations")


class SpecKind(enum.Enum):
    """What a spec points to."""

    LIVE = "live"
    SQL = "sql"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class Spec:
    """A parsed spec; ``text`` is safe to print (a URL without its password)."""

    kind: SpecKind
    text: str
    target: Target | None = None
    path: Path | None = None


def parse_spec(text: str) -> Spec:
    """Read a spec.

    Raises:
        InputError: It names no file or no known kind of source.
    """
    if is_url(text):
        target = parse_target(text)
        return Spec(SpecKind.LIVE, target.display, target=target)
    kind, colon, rest = text.partition(":")
    if colon and kind == "snapshot":
        return Spec(SpecKind.SNAPSHOT, text, path=_existing(Path(rest)))
    if colon and kind in _LATER and not Path(text).exists():
        raise InputError(
            f"this version reads no {kind} schemas",
            cause=f"the spec is {text!r}",
            state="nothing was touched",
            hint="give SQL files, a folder of them, snapshot:FILE or a database URL",
        )
    return Spec(SpecKind.SQL, text, path=_existing(Path(text)))


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(
            f"there is no file or folder {str(path)!r}",
            state="nothing was touched",
            hint="give SQL files, a folder of them, snapshot:FILE or a database URL",
        )
    return path
