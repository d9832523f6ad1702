"""Finds the part of a migration's file that runs, whether its tool wraps it in a transaction, and its way back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine.base import Engine
from lockgate.source.migrations.split import CUTS

_FORMATS = (
    ("goose", re.compile(r"^--[ \t]*\+goose[ \t]+up\b", re.I | re.M)),
    ("dbmate", re.compile(r"^--[ \t]*migrate:up\b", re.M)),
    ("drizzle", re.compile(r"--> statement-breakpoint")),
)
_DOWN = {
    "goose": re.compile(r"^--[ \t]*\+goose[ \t]+down\b(.*)", re.I | re.M | re.S),
    "dbmate": re.compile(r"^--[ \t]*migrate:down\b(.*)", re.M | re.S),
}
_NO_TRANSACTION = re.compile(
    r"^--[ \t]*(\+goose[ \t]+no[ \t]+transaction|migrate:up\b.*transaction:[ \t]*false)", re.I | re.M
)
_FLYWAY = re.compile(r"[VRB][\d._]*__.*\.sql", re.I)
_CODE = re.compile(r"^[ \t]*(?!--)\S", re.M)


@dataclass(frozen=True)
class Sections:
    """The part that runs, every line at its place; see `lockgate.lint.script.Script` for the rest."""

    sql: str
    is_cut: bool = False
    is_wrapped: bool = False
    has_way_back: bool | None = None


def read_sections(name: str, text: str, engine: Engine) -> Sections:
    """Return what of a file runs, by the marks of the tools that have them, or by the file's name."""
    for tool, pattern in _FORMATS:
        if pattern.search(text):
            cut = CUTS[tool](text, engine.find_opaque(text))
            return Sections(cut.sql, True, not _NO_TRANSACTION.search(text), _way_back(tool, text))
    path = Path(name)
    if path.name.lower().endswith(".up.sql"):
        return Sections(text, has_way_back=_has_code(path.with_name(path.name[:-7] + ".down.sql")))
    return Sections(text, is_wrapped=bool(_FLYWAY.fullmatch(path.name)))


def _way_back(tool: str, text: str) -> bool | None:
    if tool not in _DOWN:
        return None
    match = _DOWN[tool].search(text)
    return match is not None and bool(_CODE.search(match[1].split("\n", 1)[-1] if "\n" in match[1] else ""))


def _has_code(path: Path) -> bool:
    try:
        return bool(_CODE.search(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError):
        return False
