"""Check ``file``: a file is there, has something in it, is new enough; empty is a fail, unreadable is unknown."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lockgate.gate.asking import count, fail, ok, start_of, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import FileCheck
from lockgate.model.outcome import Evidence, Outcome

_PIECE = 1 << 20
# Linux stamps files by a clock that moves once a tick, up to 10 ms: what is written at once seems older than its cause.
_TICK = timedelta(milliseconds=10)


def evaluate_file(check: FileCheck, context: CheckContext) -> Answer:
    """Look at a file now; its size and digest are the evidence."""
    expected = _expected(check)
    path = context.folder / check.path
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return (ok if check.absent else fail)(expected, "there is no such file")
    except OSError as error:
        return unknown(expected, f"cannot be looked at: {error.strerror}")
    if check.absent:
        return fail(expected, f"it is there, {count(state.st_size, 'byte')}")
    if not path.is_file():
        return fail(expected, "it is no file")
    if state.st_size < check.min_bytes:
        words = "it is empty" if state.st_size == 0 else count(state.st_size, "byte")
        return fail(expected, words)
    if check.since:
        since = start_of(check.since, context)
        if since is None:
            return unknown(expected, f"the start of {check.since!r} is not known")
        changed = datetime.fromtimestamp(state.st_mtime, UTC)
        if changed < since - _TICK:
            return fail(expected, f"last changed {changed.isoformat(timespec='seconds')}")
    return _look_inside(check, path, expected)


def _look_inside(check: FileCheck, path: Path, expected: str) -> Answer:
    try:
        digest, size, has, without = scan_file(path, check.has.encode(), check.without.encode())
    except OSError as error:
        return unknown(expected, f"cannot be read: {error.strerror}")
    evidence = (Evidence(name=check.path, sha256=digest, bytes=size),)
    if size < check.min_bytes:
        return fail(expected, count(size, "byte"), evidence=evidence)
    if check.sha256 and digest != check.sha256.lower():
        return fail(expected, f"sha256 {digest}", evidence=evidence)
    if check.has and not has:
        return fail(expected, f"no {check.has!r} in {count(size, 'byte')}", evidence=evidence)
    if check.without and without:
        return fail(expected, f"{check.without!r} is in it", evidence=evidence)
    return ok(expected, f"{count(size, 'byte')}, sha256 {digest[:12]}", evidence=evidence)


def scan_file(path: Path, *wanted: bytes) -> tuple[str, int, bool, bool]:
    """Read a file once: its sha256, size, and whether each of two texts is in it (an empty one never)."""
    digest, size, rest = hashlib.sha256(), 0, b""
    found = [False for _ in wanted]
    keep = max((len(text) for text in wanted), default=0)
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            whole = rest + piece
            found = [was or bool(text and text in whole) for was, text in zip(found, wanted, strict=True)]
            rest = whole[-keep:] if keep else b""
    first, second = (*found, False, False)[:2]
    return digest.hexdigest(), size, first, second


def look_at_file(path: str, context: CheckContext, since: str = "") -> Answer:
    """Ask the same of a file of a list: there, not empty, new enough."""
    return evaluate_file(FileCheck(path=path, since=since), context)


def is_good(answer: Answer) -> bool:
    """Whether an answer is ok."""
    return answer.outcome is Outcome.OK


def _expected(check: FileCheck) -> str:
    if check.absent:
        return "no such file"
    parts = ["a file" if check.min_bytes < 1 else f"a file of at least {count(check.min_bytes, 'byte')}"]
    parts += [f"changed since the start of the {check.since}"] if check.since else []
    parts += [f"with {check.has!r}"] if check.has else []
    parts += [f"without {check.without!r}"] if check.without else []
    parts += [f"sha256 {check.sha256[:12]}"] if check.sha256 else []
    return ", ".join(parts)
