"""What a command says on stderr: progress, reasons for waits, and the log file; stdout is for results only."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from lockgate.outside.redact import redact

_log: TextIO | None = None
_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}


def open_log(path: str) -> None:
    """Append everything told from now on to a file, whatever is shown on the screen.

    Raises:
        ConfigError: The file cannot be written.
    """
    global _log
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        _log = open(path, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 - lives as long as the process
    except OSError as error:
        from lockgate.errors import ConfigError

        raise ConfigError(
            f"the log file {path} cannot be written",
            where="--log-file",
            cause=error.strerror or str(error),
            state="nothing was touched",
            hint="name a file in a folder you may write to",
        ) from None


def log_line(text: str) -> None:
    """Write to the log file only, with the time in UTC and secrets masked."""
    if _log is not None:
        _log.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {redact(text)}\n")


class Talk:
    """Progress for people. ``level``: 0 says steps and waits, 1 and 2 more, -1 nothing; the log file gets all of it."""

    def __init__(self, level: int = 0, is_colored: bool = False) -> None:
        self.level = level
        self.is_colored = is_colored
        self._started = time.monotonic()

    def say(self, text: str, level: int = 0) -> None:
        """Tell one line on stderr when the level asks for it."""
        log_line(text)
        if level <= self.level:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def quieter(self) -> Talk:
        """Return a talk that shows one level less; the log file still gets everything."""
        return Talk(self.level - 1, self.is_colored)

    def style(self, text: str, name: str) -> str:
        """Return the text coloured when colour is on; the words alone carry the meaning."""
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if self.is_colored else text

    @property
    def elapsed_s(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self._started


def is_color_wanted(no_color: bool, stream: TextIO) -> bool:
    """Tell whether colour may be used: not for NO_COLOR, TERM=dumb, --no-color or when there is no terminal."""
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
