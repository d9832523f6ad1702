"""Find the schema files a config means (paths, folders, patterns), and those beside them that nothing reaches."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lockgate.errors import InputError
from lockgate.source.drizzle.config import DrizzleConfig
from lockgate.source.drizzle.paths import SUFFIXES

_KIT_SUFFIXES = (".ts", ".js", ".cjs", ".mjs", ".mts", ".cts")
_SKIPPED = {"node_modules", "dist", "build", "out", "coverage", "__tests__", "__mocks__"}
_MAGIC = re.compile(r"[*?\[{(!]")
_MAKES_TABLES = re.compile(rb"drizzle-orm/(mysql|pg|sqlite)-core")
_MOST_FILES = 20_000


def find_entries(config: DrizzleConfig) -> list[Path]:
    """Return the schema files as drizzle-kit finds them: a folder gives the files right in it.

    Raises:
        InputError: There is none.
    """
    found: dict[Path, None] = {}
    for pattern in config.schema:
        base = config.folder if config.has_file else Path()
        for path in expand(pattern, base):
            files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
            found.update(dict.fromkeys(f.resolve() for f in files if f.name.endswith(_KIT_SUFFIXES)))
    if not found:
        raise InputError(
            "no schema file was found",
            where=str(config.file),
            cause=f"`schema` is {', '.join(config.schema)}",
            state="nothing was touched",
            hint="paths start at the folder of the config",
        )
    return list(found)


def expand(pattern: str, base: Path) -> list[Path]:
    """Return the files and folders of a path or glob pattern (``*``, ``**``, ``?``, ``[…]``, ``{a,b}``)."""
    if not _MAGIC.search(pattern):
        path = base / pattern
        return [path] if path.exists() else []
    pattern = pattern.removeprefix("./")
    fixed, rest = [], pattern.split("/")
    while rest and not _MAGIC.search(rest[0]):
        fixed.append(rest.pop(0))
    root = base.joinpath("/" if pattern.startswith("/") else "", *fixed)
    expression = re.compile(_translate("/".join(rest)))
    found = []
    for path in _walk(root, "**" in pattern, len(rest)):
        if expression.fullmatch(path.relative_to(root).as_posix()):
            found.append(path)
    return sorted(found)


def _walk(root: Path, is_deep: bool, depth: int) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f != "node_modules" and not f.startswith("."))
        level = len(Path(folder).relative_to(root).parts)
        found += [Path(folder, name) for name in (*folders, *sorted(files)) if not name.startswith(".")]
        if (not is_deep and level + 1 >= depth) or len(found) > _MOST_FILES:
            folders.clear()
    return found


def _translate(pattern: str) -> str:
    """Turn a glob pattern into a regular expression."""
    result, i = "", 0
    while i < len(pattern):
        char = pattern[i]
        if pattern.startswith("**/", i):
            result, i = result + "(?:.*/)?", i + 3
            continue
        if pattern.startswith("**", i):
            result, i = result + ".*", i + 2
            continue
        closing = pattern.find("}" if char == "{" else "]", i)
        if char == "{" and closing > 0:
            options = (_translate(option) for option in pattern[i + 1 : closing].split(","))
            result, i = result + f"(?:{'|'.join(options)})", closing + 1
            continue
        if char == "[" and closing > 0:
            inner = pattern[i + 1 : closing].replace("\\", "\\\\")
            result, i = result + f"[{'^' + inner[1:] if inner[:1] == '!' else inner}]", closing + 1
            continue
        result += {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char))
        i += 1
    return result


def find_neighbours(config: DrizzleConfig, entries: list[Path]) -> list[Path]:
    """Return the files in the entries' folders, and below, that use drizzle's tables; tests and output left out."""
    roots = {entry.parent for entry in entries}
    top = [root for root in roots if not any(other in root.parents for other in roots)]
    out = (config.folder / config.out).resolve()
    found: list[Path] = []
    count = 0
    for root in sorted(top):
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
            if Path(folder) == out and out not in roots:
                folders.clear()
                continue
            count += len(files)
            if count > _MOST_FILES:
                return found
            found += [Path(folder, name) for name in sorted(files) if _is_candidate(Path(folder, name))]
    return found


def _is_candidate(path: Path) -> bool:
    name = path.name
    if not name.endswith(SUFFIXES) or name.endswith(".d.ts") or ".test." in name or ".spec." in name:
        return False
    if ".config." in name:
        return False
    try:
        return bool(_MAKES_TABLES.search(path.read_bytes()))
    except OSError:
        return False
