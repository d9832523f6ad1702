"""Looks for secrets where others could see them: arguments and environments of all our processes, and files."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from lockgate.backup.zstd import load_zstd


def spellings(secret: str) -> tuple[bytes, ...]:
    """Return a secret as it is, as a part of a URL, in base64, and as an option file and a password file write it."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), base64.b64encode(raw)}
    found |= {secret.replace("\\", "\\\\").replace(mark, "\\" + mark).encode() for mark in (":", '"', "'")}
    return tuple(found)


class Watch:
    """Reads what is below this process, again and again, while the block runs; ``found`` says where secrets were.

    ``folders`` are looked at too, for files that are there for a short time only; ``leave`` names exceptions.
    """

    def __init__(self, secrets: Iterable[str], folders: Iterable[Path], leave: Iterable[Path] = ()) -> None:
        self._wanted = tuple(text for secret in secrets for text in spellings(secret))
        self._folders, self._leave = tuple(folders), set(leave)
        self.found: list[str] = []
        self.looks = 0
        self.programs: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.look_at_files()

    def look_at_files(self) -> None:
        """Read all files below the folders, compressed ones plain."""
        for folder in self._folders:
            for path in folder.rglob("*"):
                if path not in self._leave and path.is_file():
                    self._judge(f"file {path.name}", _read(path))

    def judge_text(self, where: str, text: str) -> None:
        """Look at what a command printed."""
        self._judge(where, text.encode())

    def _run(self) -> None:
        while not self._stop.is_set():
            for pid in below(os.getpid()):
                words = bytes_of(f"/proc/{pid}/cmdline")
                self._judge(f"arguments of {words[:60]!r}", words)
                self._judge(f"environment of {words[:60]!r}", bytes_of(f"/proc/{pid}/environ"))
                self.programs |= {os.path.basename(word).decode(errors="replace") for word in words.split(b"\0")[:4]}
            for folder in self._folders[:1]:
                for path in folder.iterdir():
                    if path.is_file():
                        self._judge(f"temporary file {path.name}", bytes_of(str(path)))
            self.looks += 1
            time.sleep(0.003)

    def _judge(self, where: str, data: bytes) -> None:
        if where not in self.found and any(secret in data for secret in self._wanted):
            self.found.append(where)


def below(root: int) -> list[int]:
    """Return a process's children, and theirs."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for task in tasks:
            waiting += map(int, bytes_of(f"/proc/{pid}/task/{task}/children").split())
        found.append(pid)
    return found[1:]


def bytes_of(path: str) -> bytes:
    """Return what a file holds, or nothing: a process may have ended meanwhile."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(1 << 20)
    except OSError:
        return b""


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    if path.name.endswith(".zst"):
        return bytes(load_zstd().decompress(data))
    return data
