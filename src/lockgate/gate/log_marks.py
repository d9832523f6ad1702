"""Where a log stood at one time, and the lines written since: through growth, rotation and truncation, or why not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_HEAD, _TAIL = 1024, 256
MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class LogMark:
    """A place in a log: the file's inode and size then, digests of its first bytes and of those before the place."""

    path: str
    at: str
    inode: int = 0
    size: int = 0
    head: str = ""
    tail: str = ""

    def facts(self) -> dict[str, Any]:
        """Return what the journal holds of it, under the log's name in ``logs`` of an entry that begins something."""
        return {"at": self.at, "inode": self.inode, "size": self.size, "head": self.head, "tail": self.tail}


def mark_log(path: Path, name: str, now: datetime) -> LogMark:
    """Note where a log stands now; one that is not there yet has size 0."""
    at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    try:
        with open(path, "rb") as file:
            state = os.fstat(file.fileno())
            return LogMark(name, at, state.st_ino, state.st_size, *_digests(file, state.st_size))
    except OSError:
        return LogMark(name, at)


def mark_of(name: str, facts: Mapping[str, Any]) -> LogMark:
    """Return the mark the journal holds."""
    return LogMark(
        name,
        str(facts.get("at", "")),
        int(facts.get("inode", 0)),
        int(facts.get("size", 0)),
        str(facts.get("head", "")),
        str(facts.get("tail", "")),
    )


@dataclass(frozen=True)
class LinesSince:
    """The lines after a place; ``lost`` says what of them cannot be had (empty: nothing)."""

    lines: tuple[str, ...]
    lost: str = ""


def lines_since(path: Path, mark: LogMark) -> LinesSince:
    """Return what was written after a mark: in the file, and in the one it was renamed to by a rotation."""
    try:
        with open(path, "rb") as file:
            state = os.fstat(file.fileno())
            if not mark.inode:
                return _from(file, 0, state.st_size)
            if state.st_ino == mark.inode:
                if _is_same(file, state.st_size, mark):
                    return _from(file, mark.size, state.st_size)
                rest = _from(file, 0, state.st_size)
                return LinesSince(rest.lines, "the log was truncated: what was written before that is gone")
    except FileNotFoundError:
        if not mark.inode:
            return LinesSince((), "there is no such log")
        return LinesSince((), "the log vanished")
    except OSError as error:
        return LinesSince((), f"the log cannot be read: {error.strerror}")
    return _rotated(path, mark)


def _rotated(path: Path, mark: LogMark) -> LinesSince:
    """Read on in the files a rotation made, the marked one from its place."""
    others = [p for p in path.parent.glob(path.name + "[.-]*") if p.is_file()]
    others += [p for p in path.parent.glob(f"{path.stem}[.-]*{path.suffix}") if p.is_file() and p not in others]
    old = next((p for p in others if p.stat().st_ino == mark.inode), None)
    with open(path, "rb") as file:
        now = _from(file, 0, os.fstat(file.fileno()).st_size)
    if old is None:
        return LinesSince(now.lines, "the log was rotated, and the file it was is not beside it any more")
    lines: list[str] = []
    newer = sorted(
        (p for p in others if p.stat().st_mtime_ns >= old.stat().st_mtime_ns), key=lambda p: p.stat().st_mtime_ns
    )
    for other in (old, *(p for p in newer if p != old)):
        with open(other, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if other == old and not _is_same(file, size, mark):
                return LinesSince(now.lines, "the rotated log is not what it was")
            lines += _from(file, mark.size if other == old else 0, size).lines
    return LinesSince((*lines, *now.lines), now.lost)


def _is_same(file: Any, size: int, mark: LogMark) -> bool:
    """Whether a file still begins with what stood before the mark."""
    return size >= mark.size and _digests(file, mark.size) == (mark.head, mark.tail)


def _digests(file: Any, size: int) -> tuple[str, str]:
    file.seek(0)
    head = file.read(min(size, _HEAD))
    file.seek(max(0, size - _TAIL))
    tail = file.read(min(size, _TAIL))
    return hashlib.sha256(head).hexdigest()[:16], hashlib.sha256(tail).hexdigest()[:16]


def _from(file: Any, start: int, size: int) -> LinesSince:
    if size - start > MOST_BYTES:
        return LinesSince((), f"{size - start} bytes were written since, too many to look through")
    file.seek(start)
    text = file.read(size - start).decode(errors="replace")
    return LinesSince(tuple(text.splitlines()))


def lines_after(path: Path, since: datetime) -> LinesSince:
    """Return the lines whose own time is not before ``since``; a line without a time belongs to the one before.

    A time without a zone is read as UTC or as this machine's, whichever fits the file's last change better.
    """
    from lockgate.gate.log_times import time_of_line, zone_of_log

    try:
        state = path.stat()
        if state.st_size > MOST_BYTES:
            return LinesSince((), f"the log has {state.st_size} bytes and was not marked at the start")
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return LinesSince((), "there is no such log")
    except OSError as error:
        return LinesSince((), f"the log cannot be read: {error.strerror}")
    if datetime.fromtimestamp(state.st_mtime, UTC) < since - timedelta(seconds=1):
        return LinesSince(())
    zone = zone_of_log(lines, datetime.fromtimestamp(state.st_mtime, UTC))
    found: list[str] = []
    is_new, has_times = False, False
    for line in lines:
        at = time_of_line(line, zone)
        if at is not None:
            has_times, is_new = True, at >= since
        if is_new:
            found.append(line)
    if lines and not has_times:
        return LinesSince((), "its lines have no times, and it was not marked at the start")
    return LinesSince(tuple(found))
