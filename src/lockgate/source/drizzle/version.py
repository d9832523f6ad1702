"""Which drizzle-kit a project uses: other versions give constraints other names."""

from __future__ import annotations

import re
from pathlib import Path

from lockgate.model.finding import Finding
from lockgate.source.drizzle import rules
from lockgate.source.drizzle.paths import read_json

_MAJOR = re.compile(r"(?:npm:[^@]*@)?[\^~>=v\s]*(\d+)\.")
_GROUPS = ("dependencies", "devDependencies", "peerDependencies")


def check_version(folder: Path, shown: str) -> list[Finding]:
    """Return a finding when the project's drizzle-kit is of version 1 or later.

    Args:
        folder: Where the config or the schema is; the nearest package.json with a drizzle-kit counts.
        shown: Its path for people.
    """
    for parent in (folder, *folder.parents):
        installed = read_json(parent / "node_modules" / "drizzle-kit" / "package.json").get("version")
        wanted = next((v for v in _wanted(parent) if v), "")
        version = str(installed or wanted)
        if version:
            major = _MAJOR.match(version)
            if major is None or int(major[1]) < 1:
                return []
            message = (
                f"the project uses drizzle-kit {version}; names of constraints are given here as version 0.31 does,"
                " and version 1 gives some of them other names"
            )
            return [rules.VERSION.found(message, file=shown)]
    return []


def _wanted(folder: Path) -> list[str]:
    manifest = read_json(folder / "package.json")
    groups = (manifest.get(name) for name in _GROUPS)
    return [str(group.get("drizzle-kit", "")) for group in groups if isinstance(group, dict)]
