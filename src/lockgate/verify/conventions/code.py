"""Read the application's own list of tables out of its files, and look for its helper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lockgate.errors import ConfigError
from lockgate.model.finding import Finding
from lockgate.verify.conventions import rules
from lockgate.verify.conventions.settings import DEFAULT_CODE_PATTERN, LockingConvention

_MAX_BYTES = 2_000_000
_QUOTED = re.compile(r"""(["'`])([^"'`\n]+)\1""")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|(?<![\w\"'])#[^\n]*", re.S)
_NAME = re.compile(r"[\w.$]+")


class CodeList(NamedTuple):
    """The tables the code names, each with the place it does; how many files were read; what is wrong with that."""

    tables: Mapping[str, str]
    files: int
    findings: tuple[Finding, ...]


def read_code_list(convention: LockingConvention, base: Path) -> CodeList:
    """Read the list from the files of ``code``; files that cannot be read, or hold no list, are findings.

    Raises:
        ConfigError: A glob leads out of what a glob may be.
    """
    found: dict[str, str] = {}
    findings: list[Finding] = []
    files = list(_files(convention.code, base))
    pattern = re.compile(convention.code_pattern)
    for file in files:
        shown = _shown(file, base)
        try:
            data = file.read_bytes()[: _MAX_BYTES + 1]
            text = data.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            findings.append(rules.LOCKING_CODE_UNREAD.found(f"{shown} cannot be read: {error}", file=shown))
            continue
        if len(data) > _MAX_BYTES:
            findings.append(rules.LOCKING_CODE_UNREAD.found(f"{shown} is too large to be searched", file=shown))
            continue
        if convention.code_pattern == DEFAULT_CODE_PATTERN:
            text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            for name in _names(match[1] or ""):
                found.setdefault(name, f"{shown}:{line}")
    listed = ", ".join(convention.code)
    if convention.code and not files:
        findings.append(rules.LOCKING_CODE_UNREAD.found(f"no file matches {listed}"))
    elif convention.code and not found and not findings:
        findings.append(rules.LOCKING_CODE_UNREAD.found(f"none of the {len(files)} files of {listed} holds a list"))
    return CodeList(found, len(files), tuple(findings))


def _files(patterns: tuple[str, ...], base: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    for pattern in patterns:
        try:
            matches = sorted(base.glob(pattern)) if not Path(pattern).is_absolute() else [Path(pattern)]
        except (ValueError, NotImplementedError) as error:
            raise ConfigError(
                f"{pattern!r} is no pattern of files",
                where="conventions.optimistic_locking.code",
                cause=str(error),
                state="nothing was checked",
            ) from None
        for file in matches:
            if file.is_file() and "node_modules" not in file.parts and file not in seen:
                seen.add(file)
                yield file


def _names(text: str) -> list[str]:
    """Return the names in a list's text: those in quotes, else a single bare one."""
    text = _COMMENT.sub("", text)
    quoted = [match[2] for match in _QUOTED.finditer(text)]
    bare = _NAME.fullmatch(text.strip())
    return quoted or ([bare.group()] if bare else [])


def _shown(file: Path, base: Path) -> str:
    return str(file.relative_to(base)) if file.is_relative_to(base) else str(file)


def check_helper(convention: LockingConvention, base: Path) -> Iterator[Finding]:
    """Yield what is wrong with the helper's file: missing, empty, or without a symbol."""
    if not convention.helper:
        return
    file = base / convention.helper
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        yield rules.LOCKING_HELPER_MISSING.found(
            f"{convention.helper} cannot be read: {reason}", file=convention.helper
        )
        return
    code = _COMMENT.sub("", text)
    if not code.strip():
        yield rules.LOCKING_HELPER_MISSING.found(f"{convention.helper} is empty", file=convention.helper)
        return
    for symbol in convention.helper_symbols:
        name = re.escape(symbol)
        if not re.search(rf"\b(def|class|function|const|let|var|func|fn|type)\s+{name}\b|\b{name}\s*[:=(]", code):
            message = f"{convention.helper} does not define {symbol}"
            yield rules.LOCKING_HELPER_MISSING.found(message, file=convention.helper)
