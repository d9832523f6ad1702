"""Follow a log file: new whole lines, through rotation and truncation; and when a line was written."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

_MOST_BYTES = 16 << 20
_LONGEST_LINE = 65_536
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?")
_COMMON = re.compile(r"\[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]")


class LogFile:
    """A growing file. Of one that was rotated away the rest is read first; one that was cut is read from its start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._open = b""

    def tail(self, most_bytes: int) -> list[str]:
        """Return the last lines, and go on from the end of the file.

        Raises:
            OSError: It cannot be read.
        """
        self.close()
        self._file = open(self.path, "rb")  # noqa: SIM115 - followed until it is closed
        size = os.fstat(self._file.fileno()).st_size
        self._file.seek(max(0, size - most_bytes))
        data = self._file.read(size - self._file.tell())
        lines = self._take(data)
        return lines[1:] if size > most_bytes else lines

    def new_lines(self) -> list[str]:
        """Return the lines since the last look; a line that has no end yet comes with the next look.

        Raises:
            OSError: There is no such file any more, or it cannot be read.
        """
        if self._file is None:
            self._file, self._open = open(self.path, "rb"), b""  # noqa: SIM115 - followed until it is closed
        held = os.fstat(self._file.fileno())
        if held.st_size < self._file.tell():
            self._file.seek(0)
            self._open = b""
        lines = self._take(self._file.read(_MOST_BYTES))
        there = os.stat(self.path)
        if (there.st_ino, there.st_dev) != (held.st_ino, held.st_dev) and self._is_at_end():
            self.close()
            self._file = open(self.path, "rb")  # noqa: SIM115 - followed until it is closed
            lines += self._take(self._file.read(_MOST_BYTES))
        return lines

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._file, self._open = None, b""

    def _is_at_end(self) -> bool:
        assert self._file is not None
        return self._file.tell() >= os.fstat(self._file.fileno()).st_size

    def _take(self, data: bytes) -> list[str]:
        *whole, self._open = (self._open + data).split(b"\n")
        self._open = self._open[:_LONGEST_LINE]
        return [line[:_LONGEST_LINE].decode(errors="replace").rstrip("\r") for line in whole]


def time_of_line(line: str) -> datetime | None:
    """Return when a line says it was written (ISO 8601 or as web servers write it); None when it does not say.

    A time without an offset is in the time zone of this machine.
    """
    try:
        if found := _ISO.search(line[:200]):
            zone = (found[3] or "").replace("Z", "+00:00")
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone()
        if found := _COMMON.search(line[:400]):
            return datetime.strptime(found[1], "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        return None
    return None
