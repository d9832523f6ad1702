"""Read the notation for where a schema is: a URL, SQL files, ``snapshot:file.json``, ``drizzle:…`` and so on."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import InputError
from lockgate.model.target import Target, is_url, parse_target
from lockgate.source.registry import is_source, list_sources

_NAMED = re.compile(r"([a-z][a-z0-9_-]+):(.*)", re.DOTALL)


class SpecKind(enum.Enum):
    """What a spec points to."""

    LIVE = "live"
    SQL = "sql"
    SNAPSHOT = "snapshot"
    DECLARED = "declared"


@dataclass(frozen=True)
class Spec:
    """A parsed spec; ``text`` is safe to print (a URL without its password).

    A declared one is read by the source ``source``, which is given ``argument``.
    """

    kind: SpecKind
    text: str
    target: Target | None = None
    path: Path | None = None
    source: str = ""
    argument: str = ""


def parse_spec(text: str) -> Spec:
    """Read a spec.

    Raises:
        InputError: It names no file or no known kind of source.
    """
    if is_url(text):
        target = parse_target(text)
        return Spec(SpecKind.LIVE, target.display, target=target)
    named = _NAMED.fullmatch(text)
    if named is not None and not Path(text).exists():
        kind, rest = named[1], named[2]
        if kind == "snapshot":
            return Spec(SpecKind.SNAPSHOT, text, path=_existing(Path(rest)))
        if is_source(kind):
            return Spec(SpecKind.DECLARED, text, source=kind, argument=rest)
    return Spec(SpecKind.SQL, text, path=_existing(Path(text)))


def _existing(path: Path) -> Path:
    if not path.exists():
        names = ", ".join(f"{name}:…" for name in list_sources())
        raise InputError(
            f"there is no file or folder {str(path)!r}",
            state="nothing was touched",
            hint=f"give SQL files, a folder of them, snapshot:FILE, a database URL, or one of {names}",
        )
    return path
