"""Runs a client program: its bytes pumped, its silence noticed, all its processes ended with it and with us."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, Protocol

from lockgate.engine.client.words import Words
from lockgate.errors import BackupFailed
from lockgate.outside.guard import Guard, bind_to_us, end_group

CHUNK = 1 << 20
_LOOK_EVERY_S = 0.25
_SIGN_EVERY_S = 2.0
_GATHER_S = 0.004
_SET_PIPE_SIZE = 1031


class Writer(Protocol):
    """What takes a program's bytes."""

    def write(self, data: bytes | memoryview) -> int:
        """Take some; an error ends the program and goes on to the caller."""


@dataclass(frozen=True)
class Call:
    """A program to run.

    ``name`` is what people know it by. ``descriptors`` are inherited. ``idle_s``: without any sign of life for so long
    it is ended (with ``grace_s`` between the word and the deed); signs are bytes that move, and ``sign()`` having
    another value than before (asked now and then).
    ``has_workers``: it starts processes of its own, which a guard ends if we are killed. ``on_line`` is told each line
    of its stderr (cut short), in a thread. ``secrets`` are masked in what is shown.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()
    cwd: str | None = None
    idle_s: float = 120.0
    grace_s: float = 10.0
    sign: Callable[[], object] | None = None
    has_workers: bool = False
    on_line: Callable[[str], None] | None = None
    secrets: tuple[str, ...] = ()
    allowed_codes: tuple[int, ...] = (0,)
    hint: str = ""


class Stopped(BackupFailed):
    """The program was ended because another one had failed; the other's error is the one to report."""


@dataclass
class Group:
    """Programs that belong together: when one fails, all are ended."""

    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, tasks: Sequence[Callable[[], None]], jobs: int) -> None:
        """Run tasks, ``jobs`` at a time, each in a thread; raise the error of the first that fails, after all ended."""
        with ThreadPoolExecutor(max(1, min(jobs, len(tasks)))) as pool:
            running = [pool.submit(self._run_one, task) for task in tasks]
            try:
                wait(running)
            except BaseException:
                self.stop.set()
                raise
        errors = [error for future in running if (error := future.exception()) is not None]
        if errors:
            raise next((error for error in errors if not isinstance(error, Stopped)), errors[0])

    def _run_one(self, task: Callable[[], None]) -> None:
        if self.stop.is_set():
            raise Stopped("it was not begun")
        try:
            task()
        except BaseException:
            self.stop.set()
            raise


def run_client(
    call: Call, *, into: Writer | None = None, source: BinaryIO | None = None, group: Group | None = None
) -> Words:
    """Run a program to its end; pump its stdout ``into``, or feed its stdin from ``source``.

    Memory stays flat. Whatever happens, when this returns or raises, the program and all its processes have ended.
    Returns what it said on stderr.

    Raises:
        BackupFailed: It could not be started, ended with another code than is allowed, gave no sign of life for too
            long, or ended before it had read everything.
        Stopped: Another program of the group failed.
        LockgateError: What ``into`` or ``source`` raised.
    """
    return _Run(call, into, source, group or Group()).run()


def capture_client(call: Call, most: int = 1 << 24) -> bytes:
    """Run a program and return what it printed, which must be little.

    Raises:
        BackupFailed: It failed, or printed more.
    """
    kept = _Kept(call.name, most)
    run_client(call, into=kept)
    return bytes(kept.data)


class _Kept:
    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self.data = bytearray()

    def write(self, data: bytes | memoryview) -> int:
        self.data += data
        if len(self.data) > self._most:
            raise BackupFailed(f"{self._name} printed more than {self._most} bytes")
        return len(data)


class _Run:
    """One program that runs."""

    def __init__(self, call: Call, into: Writer | None, source: BinaryIO | None, group: Group) -> None:
        self.call, self.into, self.source, self.group = call, into, source, group
        self.alive_at = self.asked_at = time.monotonic()
        self.last_sign: object = None
        self.is_wide = False
        self.last_count = 0
        self.is_source_read = source is None

    def run(self) -> Words:
        guard = Guard() if self.call.has_workers else None
        try:
            self.process = self._start(guard)
            assert self.process.stderr is not None
            self.words = Words(self.process.stderr, self.call.on_line)
            try:
                self._pump()
                self._wait()
            finally:
                self._end()
        finally:
            if guard is not None:
                guard.dismiss()
        self._check_code()
        return self.words

    def _start(self, guard: Guard | None) -> subprocess.Popen[bytes]:
        call = self.call
        try:
            process = subprocess.Popen(
                call.command,
                stdin=subprocess.DEVNULL if self.source is None else subprocess.PIPE,
                stdout=subprocess.DEVNULL if self.into is None else subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=call.descriptors,
                env=dict(call.environment),
                cwd=call.cwd,
                start_new_session=True,
                preexec_fn=bind_to_us(guard),
            )
        except OSError as error:
            raise BackupFailed(f"{call.name} cannot be started", cause=error.strerror or "") from None
        widened = [_widen(stream) for stream in (process.stdin, process.stdout) if stream is not None]
        self.is_wide = all(widened)
        return process

    def _pump(self) -> None:
        if self.into is not None:
            assert self.process.stdout is not None
            self._pump_out(self.process.stdout, self.into)
        elif self.source is not None:
            assert self.process.stdin is not None
            self._pump_in(self.process.stdin, self.source)

    def _pump_out(self, stream: IO[bytes], into: Writer) -> None:
        """Hand on what comes.

        Dump programs write in pieces of 4 KiB: a turn for each would cost more than their bytes, so a wide pipe is left
        to fill for a moment once the output has become long.
        """
        taken = 0
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                if not selector.select(_LOOK_EVERY_S):
                    self._check()
                    continue
                data = os.read(stream.fileno(), CHUNK)
                if not data:
                    return
                into.write(data)
                self._live()
                taken += len(data)
                if self.is_wide and taken > CHUNK > 4 * len(data):
                    time.sleep(_GATHER_S)

    def _pump_in(self, stream: IO[bytes], source: BinaryIO) -> None:
        os.set_blocking(stream.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_WRITE)
            while data := source.read(CHUNK):
                view = memoryview(data)
                while view:
                    if not selector.select(_LOOK_EVERY_S):
                        self._check()
                        continue
                    try:
                        view = view[os.write(stream.fileno(), view) :]
                    except BlockingIOError:
                        continue
                    except BrokenPipeError:
                        return
                    self._live()
        self.is_source_read = True
        stream.close()

    def _wait(self) -> None:
        while True:
            try:
                self.process.wait(_LOOK_EVERY_S)
                return
            except subprocess.TimeoutExpired:
                self._check()

    def _live(self) -> None:
        self.alive_at = time.monotonic()
        if self.group.stop.is_set():
            raise Stopped(f"{self.call.name} was ended")

    def _check(self) -> None:
        """Look for a wish to stop and for signs of life."""
        if self.group.stop.is_set():
            raise Stopped(f"{self.call.name} was ended")
        now = time.monotonic()
        if self.words.count != self.last_count:
            self.last_count, self.alive_at = self.words.count, now
        if self.call.sign is not None and now - self.asked_at >= min(_SIGN_EVERY_S, self.call.idle_s / 4):
            self.asked_at = now
            sign = self.call.sign()
            if sign != self.last_sign:
                self.last_sign, self.alive_at = sign, now
        if now - self.alive_at > self.call.idle_s:
            raise BackupFailed(
                f"{self.call.name} gave no sign of life for {self.call.idle_s:g} s and was ended",
                cause=self.words.shown(self.call.secrets),
            )

    def _end(self) -> None:
        """End the program, if it still runs, and every process it left behind in its group."""
        end_group(self.process, self.call.grace_s)
        self.words.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was not written yet has nowhere to go
                    pass

    def _check_code(self) -> None:
        code = self.process.returncode
        if code in self.call.allowed_codes and self.is_source_read:
            return
        words = self.words.shown(self.call.secrets) or "it said nothing that can be shown"
        end = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        if not code:
            end = "ended before it had read everything"
        raise BackupFailed(f"{self.call.name} failed", cause=f"it {end}: {words}", hint=self.call.hint)


def _widen(stream: Any) -> bool:
    """Let a pipe hold a MiB, where the system can: fewer turns for the same bytes. Returns whether it does."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        return fcntl.fcntl(stream.fileno(), _SET_PIPE_SIZE, CHUNK) >= CHUNK
    except OSError:  # the user's limit for pipes is reached; a small one does too
        return False
