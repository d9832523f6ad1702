"""What a client program said, kept short and without customers' values: the only part of its output that is shown."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import IO

SHOWN = (
    re.compile(r"^(?:pg_\w+|psql|createdb): (?:error|fatal|hint|warning): (.*)"),
    re.compile(r"^(?:mysql\w*|mariadb[\w-]*): (?:(?:Got )?[Ee]rror|\[ERROR\]|ERROR)\b:? *(.*)"),
    re.compile(r"^(ERROR \d+ .*)"),
    re.compile(r"^ERROR: (.*)"),
)
"""Lines that say what went wrong; others may repeat rows or whole statements and are never shown."""

_MOST_LINES, _MOST_LETTERS = 60, 600
_NOUNS = (
    "relation|table|column|constraint|schema|role|user|function|extension|type|index|sequence|database|view|trigger|"
    "file|directory|host|server at|program|language|tablespace|collation|domain|policy|publication|subscription|"
    "parameter|variable|routine|procedure|event|key|option|encoding|server|socket"
)
_ENTRY = re.compile(r"(entry ')(.*)(' for key)")
_QUOTED = re.compile(
    rf"(?i)(?P<noun>(?:\b(?:{_NOUNS}) )?)(?P<mark>(?<!\w)['\"])(?P<text>.*?)(?P=mark)(?!\w)(?P<host>@')?"
)
_VALUES = re.compile(r"=\(.*\)|\bline \d+, column .*|\bquery was:.*|\bcommand was:.*", re.I)
_STRAY = re.compile(r"(?<!\w)['\"].*")


class Words:
    """The last lines of a stream, read in a thread, each cut short, so that memory stays small whatever comes."""

    def __init__(self, stream: IO[bytes], on_line: Callable[[str], None] | None = None) -> None:
        self._stream, self._on_line = stream, on_line
        self._telling: deque[str] = deque(maxlen=_MOST_LINES)
        self.count = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def telling(self) -> tuple[str, ...]:
        """Return the lines that say what went wrong, unmasked; for decisions, not for people."""
        return tuple(self._telling)

    def shown(self, secrets: Iterable[str] = ()) -> str:
        """Return what may be shown to people of what went wrong: the first and last telling line, masked."""
        lines = [mask(line, secrets) for line in self._telling]
        if not lines:
            return ""
        return lines[0] if len(lines) == 1 or lines[-1] == lines[0] else f"{lines[0]}; … {lines[-1]}"

    def join(self) -> None:
        """Wait for the stream's end, but not for ever: a child's child may keep it open."""
        self._thread.join(5)

    def _read(self) -> None:
        rest = b""
        while data := self._stream.read1(1 << 16):  # type: ignore[attr-defined]
            self.count += len(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._take(line)
            rest = rest[:_MOST_LETTERS]
        self._take(rest)

    def _take(self, data: bytes) -> None:
        line = data[:_MOST_LETTERS].decode(errors="replace").rstrip()
        if self._on_line is not None:
            self._on_line(line)
        for pattern in SHOWN:
            if match := pattern.match(line):
                self._telling.append(match[1])
                return


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """Return one line of a program with every value masked; names of objects, after a word that says so, stay."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _VALUES.sub("…", text)
    text = _ENTRY.sub(r"\1…\3", text)
    out, end = "", 0
    for match in _QUOTED.finditer(text):
        out += text[end : match.start()]
        out += (
            match[0]
            if match["noun"] and len(match["text"]) <= 200
            else f"{match['noun']}{match['mark']}…{match['mark']}"
        )
        end = match.end()
    return (out + _STRAY.sub("…", text[end:]))[:400]
