"""Run a command of somebody's procedure: no surprises from the surroundings, nothing left running, a bounded answer."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lockgate.outside.guard import Guard, bind_to_us, end_group
from lockgate.outside.redact import redact

KEPT_VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TERM", "VIRTUAL_ENV")
_LOOK_EVERY_S, _GRACE_S = 0.1, 5.0
_KEEP = 1 << 20
# More than a pipe can hold (Linux: /proc/sys/fs/pipe-max-size), so that one look takes all of it.
_PIPE_BYTES = 1 << 20


@dataclass(frozen=True)
class ShellResult:
    """How a command ended.

    ``code`` is its exit code (128 + n for a signal), None when it was ended by us: ``is_timed_out`` or
    ``is_cancelled``, or could not be started (``error`` says why). ``output`` is stdout and stderr as they came,
    secrets masked, cut in the middle to a megabyte (``output_bytes`` is what there was).
    """

    command: str
    code: int | None
    output: str
    duration_s: float
    output_bytes: int = 0
    is_timed_out: bool = False
    is_cancelled: bool = False
    error: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether it ended by itself with 0."""
        return self.code == 0


def build_environment(
    environ: Mapping[str, str], allow: Sequence[str] = (), extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment a command gets: the allow-list, the names that were asked for, what is handed over."""
    names = (*KEPT_VARIABLES, *allow)
    return {**{name: environ[name] for name in names if name in environ}, **(extra or {})}


def run_shell(
    command: str,
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout_s: float = 3600.0,
    is_stopped: Callable[[], bool] = lambda: False,
    on_line: Callable[[str], None] | None = None,
) -> ShellResult:
    """Run ``bash -euo pipefail -c`` with no stdin in a process group of its own; end all of it on time-out or request.

    ``on_line`` is told each line of output, masked. Never raises for what the command does.
    """
    return run_argv(
        ("bash", "-euo", "pipefail", "-c", command),
        shown=command,
        folder=folder,
        environment=environment,
        timeout_s=timeout_s,
        is_stopped=is_stopped,
        on_line=on_line,
    )


def run_argv(
    argv: Sequence[str],
    *,
    shown: str = "",
    folder: Path,
    environment: Mapping[str, str],
    timeout_s: float = 3600.0,
    is_stopped: Callable[[], bool] = lambda: False,
    on_line: Callable[[str], None] | None = None,
) -> ShellResult:
    """Run a program as `run_shell` runs a command, without a shell."""
    shown = shown or " ".join(argv)
    started = time.monotonic()
    guard = Guard()
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=bind_to_us(guard),
        )
    except OSError as error:
        guard.dismiss()
        return ShellResult(shown, None, "", 0.0, error=f"{argv[0]}: {error.strerror}")
    kept = _Kept(on_line)
    try:
        ending = _pump(process, kept, started + timeout_s, is_stopped)
    finally:
        end_group(process, _GRACE_S)
        guard.dismiss()
        if process.stdout is not None:
            process.stdout.close()
    kept.close()
    code = process.returncode
    return ShellResult(
        command=shown,
        code=None if ending else 128 - code if code < 0 else code,
        output=redact(kept.text()),
        duration_s=time.monotonic() - started,
        output_bytes=kept.total,
        is_timed_out=ending == "timeout",
        is_cancelled=ending == "stopped",
        error={"timeout": f"ended after its limit of {timeout_s:g} s", "stopped": "ended on request"}.get(ending, ""),
    )


def _pump(process: subprocess.Popen[bytes], kept: _Kept, until: float, is_stopped: Callable[[], bool]) -> str:
    """Read until the command ends (empty), its time is over (timeout) or a stop is asked for (stopped).

    A child that outlives the command and holds the pipe does not hold us: the command's own end counts.
    """
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        is_open = True
        while True:
            if is_open and selector.select(_LOOK_EVERY_S):
                is_open = _take(process.stdout, kept)
            elif _has_ended(process, 0.0 if is_open else _LOOK_EVERY_S):
                # What it said after we had looked is in the pipe: nobody but us has taken anything out.
                if is_open and selector.select(0):
                    _take(process.stdout, kept)
                return ""
            if is_stopped():
                return "stopped"
            if time.monotonic() > until:
                return "timeout"


def _take(stream: IO[bytes], kept: _Kept) -> bool:
    """Keep all that is in the pipe; tell whether more can come."""
    data = os.read(stream.fileno(), _PIPE_BYTES)
    kept.add(data)
    return bool(data)


def _has_ended(process: subprocess.Popen[bytes], wait_s: float) -> bool:
    try:
        return process.wait(wait_s) is not None if wait_s else process.poll() is not None
    except subprocess.TimeoutExpired:
        return False


class _Kept:
    """The first and the last half megabyte of what a command says."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self.head, self.tail, self.total = bytearray(), bytearray(), 0
        self._on_line, self._open = on_line, b""

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = _KEEP // 2 - len(self.head)
        self.head += data[: max(0, room)]
        self.tail += data[max(0, room) :]
        if len(self.tail) > _KEEP:
            del self.tail[: -_KEEP // 2]
        if self._on_line is not None:
            *lines, self._open = (self._open + data).split(b"\n")
            self._open = self._open[-65536:]
            for line in lines:
                self._on_line(redact(line.decode(errors="replace")))

    def close(self) -> None:
        if self._on_line is not None and self._open:
            self._on_line(redact(self._open.decode(errors="replace")))

    def text(self) -> str:
        tail = self.tail[-_KEEP // 2 :]
        left_out = self.total - len(self.head) - len(tail)
        gap = f"\n… {left_out} bytes left out …\n".encode() if left_out > 0 else b""
        return (bytes(self.head) + gap + bytes(tail)).decode(errors="replace")
