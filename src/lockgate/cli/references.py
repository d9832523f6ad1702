"""Which environment variables lockgate.toml refers to for a target."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lockgate.config import Settings

_REFERENCE = re.compile(r"\$\{env:([^}]*)\}")


@dataclass(frozen=True)
class References:
    """The environment variables that the file refers to: for the target's URL (None: it names none) and elsewhere.

    ``is_table``: the target is a table of the file's, and ``--target`` names it.
    """

    url: frozenset[str] | None
    other: frozenset[str]
    is_table: bool


def list_references(settings: Settings) -> References:
    """Return what the file, which was read before and holds no mistake, refers to for the settings' target."""
    data: dict[str, Any] = tomllib.loads(settings.file.read_text(encoding="utf-8")) if settings.file else {}
    table = data.get("targets", {}).get(settings.target.name if settings.target else "", {})
    url = table.get("url") or ("" if table else data.get("url", ""))
    stores = {**data.get("backup", {}), **table.get("backup", {})}.get("stores", ())
    return References(
        url=_names([url]) if url else None,
        other=_names([table.get("scratch_url") or data.get("scratch_url", ""), *stores]),
        is_table=bool(table),
    )


def _names(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(match[1] for text in texts for match in _REFERENCE.finditer(text))
