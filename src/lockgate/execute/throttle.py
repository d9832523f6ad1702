"""Hold a copy back: because people asked for it, or because the server has other things to do; or stop it for good."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from lockgate.engine.base import LoadDialect, Session
from lockgate.errors import FailedError, Interrupted, LockgateError
from lockgate.execute.execution import Execution
from lockgate.model.run import EventType
from lockgate.store.progress import ABANDON, PAUSE, read_wish

_WINDOW, _FEW = 20, 5
_SLOW_TIMES = 8
_LONGEST_SLOW_S = 120.0


@dataclass
class Latency:
    """How long the small writes at the end of each range take, and what is usual for them here.

    They are slow when the middle one of the last few took longer than the limit and than many times the usual.
    """

    limit_s: float
    usual: list[float] = field(default_factory=list)
    last: deque[float] = field(default_factory=lambda: deque(maxlen=_FEW))

    def add(self, seconds: float) -> None:
        """Note one."""
        self.last.append(seconds)
        if len(self.usual) < _WINDOW:
            self.usual.append(seconds)

    def accept(self) -> None:
        """Take what they take now for usual: a server that has become slower for good must not stop the copy."""
        self.usual = list(self.last)

    @property
    def slow_s(self) -> float:
        """What they take now when that is slow, else 0."""
        if len(self.last) < _FEW or not self.limit_s:
            return 0.0
        now = median(self.last)
        return now if now > max(self.limit_s, _SLOW_TIMES * median(self.usual)) else 0.0


@dataclass
class Throttle:
    """Decides between two ranges whether the copy goes on. ``on_change`` is told why it is held back, and that not."""

    execution: Execution
    fields: dict[str, Any]
    on_change: Callable[[str], None] = lambda reason: None
    probe: Callable[[], float] = lambda: 0.0
    looked_at: float = float("-inf")
    held_by: str = ""
    latency: Latency = field(init=False)
    _load: LoadDialect = field(init=False)
    _replicas: dict[str, Session] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.latency = Latency(self.execution.patience.limits.latency_s)
        self._load = self.execution.engine.load()

    def close(self) -> None:
        """Close the sessions on replicas."""
        self._stack.close()

    def wait(self) -> None:
        """Return when the copy may go on; a way back is never held back.

        Raises:
            Interrupted: A stop was asked for, or that the copy be abandoned.
            FailedError: The server is so busy that the run must be undone.
        """
        execution = self.execution
        if execution.interrupts.is_winding_down:
            return
        self._check_stop()
        look_every_s = execution.patience.limits.look_every_s
        if execution.patience.timer() - self.looked_at < look_every_s:
            return
        waited = 0.0
        while (reason := self._reason()) and not execution.interrupts.is_winding_down:
            self._tell(reason)
            execution.patience.sleep(look_every_s)
            self._check_stop()
            if self.latency.slow_s:
                self.latency.add(self.probe())
                waited += look_every_s
            if waited > _LONGEST_SLOW_S:
                self.latency.accept()
        self._tell("")
        self.looked_at = execution.patience.timer()

    def _check_stop(self) -> None:
        if not self.execution.interrupts.is_winding_down:
            self.execution.interrupts.check()

    def _tell(self, reason: str) -> None:
        if _kind(reason) == _kind(self.held_by):
            return
        self.held_by = reason
        self.on_change(reason)
        kind = EventType.THROTTLED if reason else EventType.PROGRESS
        self.execution.tell(kind, message=f"held back: {reason}" if reason else "goes on", **self.fields)

    def _reason(self) -> str:
        """Return why the copy is held back now; empty when it is not."""
        wish = read_wish(self.execution.store)
        if wish == ABANDON and not self.execution.interrupts.is_winding_down:
            raise Interrupted("the copy was abandoned", cause="somebody asked for it with lockgate abandon")
        if wish == PAUSE:
            return "paused on request (lockgate resume)"
        if slow_s := self.latency.slow_s:
            return f"small writes take {slow_s * 1000:.0f} ms, usual are {median(self.latency.usual) * 1000:.0f} ms"
        return self._busy() or self._behind()

    def _busy(self) -> str:
        limits = self.execution.patience.limits
        if not limits.most_active and not limits.critical_active:
            return ""
        active = self._load.count_active(self.execution.session)
        is_winding_down = self.execution.interrupts.is_winding_down
        if limits.critical_active and active >= limits.critical_active and not is_winding_down:
            raise FailedError(
                "the server is too busy for this run",
                cause=f"{active} sessions run statements; --critical-load is {limits.critical_active}",
            )
        if limits.most_active and active >= limits.most_active:
            return f"load: {active} sessions run statements, --max-load is {limits.most_active}"
        return ""

    def _behind(self) -> str:
        """Return which replica is too far behind; a lag that cannot be measured holds the copy back as well."""
        limits = self.execution.patience.limits
        for name, seconds in self._load.lag_of_replicas(self.execution.session):
            if limits.lag_s and seconds > limits.lag_s:
                return f"lag: replica {name} is {seconds:.1f} s behind, --max-lag is {limits.lag_s:g}"
        for number, target in enumerate(limits.replicas):
            name = target.display
            try:
                seconds_here = self._load.lag_here(self._replica(number))
            except LockgateError as error:
                self._replicas.pop(name, None)
                return f"lag: replica {name} does not answer ({error.what})"
            if seconds_here is None:
                return f"lag: how far {name} is behind cannot be measured (it replicates nothing now)"
            if seconds_here > limits.lag_s:
                return f"lag: replica {name} is {seconds_here:.1f} s behind, --max-lag is {limits.lag_s:g}"
        return ""

    def _replica(self, number: int) -> Session:
        target = self.execution.patience.limits.replicas[number]
        if target.display not in self._replicas:
            session = self.execution.engine.connect(target, is_read_only=True)
            session.set_limits(1000, 2000)
            self._stack.callback(session.close)
            self._replicas[target.display] = session
        return self._replicas[target.display]


def _kind(reason: str) -> str:
    """Return what sort of reason it is: figures in it change all the time."""
    return " ".join(reason.split()[:2])
