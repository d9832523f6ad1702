"""Monitors of a runbook on a real target: those that lockgate.toml defines, and sources that look at the target."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lockgate.engine.activity import Activity
from lockgate.engine.base import Engine, Session
from lockgate.errors import ConfigError, LockgateError
from lockgate.model.runbook import CONFIGURED, Monitor, Runbook
from lockgate.model.target import Target
from lockgate.monitor.base import Decision, Reading
from lockgate.monitor.build import MakeSource, build_watcher, make_source
from lockgate.monitor.source import Source, SourceContext
from lockgate.monitor.source_host import HostSource
from lockgate.monitor.source_sql import SqlSource
from lockgate.monitor.source_target import KINDS, TargetSource
from lockgate.monitor.trial import Trial, try_monitor
from lockgate.monitor.watch import Watch
from lockgate.runbook.variables import fill, named_in
from lockgate.store.lease import lease_name

_LIMIT_MS = 5000
_FRESH_S = 1.0
_HERE = ("localhost", "127.0.0.1", "::1")


def settle_monitors(runbook: Runbook, configured: Mapping[str, Monitor]) -> Runbook:
    """Return the runbook with every monitor it only names replaced by the one of lockgate.toml.

    Raises:
        ConfigError: There is none of that name.
    """
    settled = []
    for monitor in runbook.monitors:
        if monitor.source != CONFIGURED:
            settled.append(monitor)
        elif monitor.name in configured:
            settled.append(configured[monitor.name])
        else:
            raise ConfigError(
                f"there is no monitor {monitor.name}",
                where="monitors",
                cause=f"in [monitors] of lockgate.toml are: {', '.join(sorted(configured)) or 'none'}",
                state="nothing was touched",
                hint=f"add [monitors.{monitor.name}] with source = …, or write it out in the runbook",
            )
    return replace(runbook, monitors=tuple(settled))


def fill_monitors(monitors: Sequence[Monitor], values: Mapping[str, str]) -> tuple[Monitor, ...]:
    """Return the monitors with the runbook's variables in place; commands find theirs in their environment.

    Raises:
        ConfigError: One names a variable nobody declared.
    """
    filled = []
    for monitor in monitors:
        done = fill(monitor, values)
        filled.append(replace(done, query=monitor.query) if monitor.source == "command" else done)
    return tuple(filled)


def open_watch(
    monitors: Sequence[Monitor],
    values: Mapping[str, str],
    run_folder: Path,
    context: SourceContext,
    *,
    engine: Engine | None = None,
    target: Target | None = None,
    sleep: Callable[[float], None] = time.sleep,
    is_threaded: bool = True,
    on_decision: Callable[[Decision, Reading], None] = lambda decision, reading: None,
) -> Watch:
    """Make the watch of a run: variables in place, sources that look at the target over a session of their own.

    Nothing is asked before its `begin`; `close` ends the session. Samples go into ``run_folder``.

    Raises:
        ConfigError: A monitor is written in a way that cannot be watched.
    """
    sources = target_sources(TargetLooks(engine, target, context.clock)) if engine and target else {}
    return build_watcher(
        fill_monitors(monitors, values),
        sources,
        run_folder,
        _with_variables(context, monitors, values),
        sleep=sleep,
        is_threaded=is_threaded,
        on_decision=on_decision,
    )


def try_monitors(
    monitors: Sequence[Monitor],
    values: Mapping[str, str],
    context: SourceContext,
    *,
    engine: Engine | None = None,
    target: Target | None = None,
) -> tuple[Trial, ...]:
    """Ask each monitor once, as before a run.

    Raises:
        ConfigError: One names a variable nobody declared.
    """
    looks = TargetLooks(engine, target, context.clock) if engine and target else None
    sources = target_sources(looks) if looks else {}
    try:
        filled = fill_monitors(monitors, values)
        around = _with_variables(context, monitors, values)
        return tuple(try_monitor(monitor, lambda one: make_source(one, sources, around)) for monitor in filled)
    finally:
        if looks:
            looks.close()


def _with_variables(context: SourceContext, monitors: Sequence[Monitor], values: Mapping[str, str]) -> SourceContext:
    """Add the variables that commands name to what they get."""
    named: dict[str, str] = {}
    for monitor in monitors:
        named |= named_in(monitor.query, values) if monitor.source == "command" else {}
    return dataclasses.replace(context, environment={**context.environment, **named})


class TargetLooks:
    """Looks at one target over a read-only session of its own, opened when it is needed and again when it broke."""

    def __init__(self, engine: Engine, target: Target, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._target, self._clock = engine, target, clock
        self._session: Session | None = None
        self._lock = threading.Lock()
        self._seen: tuple[float, Activity] | None = None

    @property
    def elsewhere(self) -> str:
        """The host of the target where that is not this machine; empty when it is."""
        host = self._target.host
        return "" if not host or host in _HERE or host.startswith("/") else host

    def activity(self) -> Activity:
        """Return what the server tells, at most a second old: several monitors share a look.

        Raises:
            LockgateError: It cannot be asked.
        """
        with self._lock:
            if self._seen is None or self._clock() - self._seen[0] >= _FRESH_S:
                lease = lease_name(self._target)
                self._seen = (self._clock(), self._ask(lambda session: self._engine.activity(session, lease)))
            return self._seen[1]

    def query(self, sql: str) -> Sequence[Sequence[Any]]:
        """Run a query; the server refuses whatever writes, and ends it after five seconds where it can.

        Raises:
            LockgateError: It was refused, took too long, or the server cannot be asked.
        """
        with self._lock:
            rows: Sequence[Sequence[Any]] = self._ask(lambda session: session.query(sql))
            return rows

    def close(self) -> None:
        """End the session."""
        with self._lock:
            self._drop()

    def _ask(self, question: Callable[[Session], Any]) -> Any:
        try:
            if self._session is None:
                self._session = self._engine.connect(self._target, is_read_only=True)
                self._session.set_limits(_LIMIT_MS, _LIMIT_MS)
            return question(self._session)
        except LockgateError:
            self._drop()
            raise

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def target_sources(looks: TargetLooks) -> dict[str, MakeSource]:
    """Return how the sources that need the target are made, by kind; for `lockgate.monitor.build.build_watcher`."""

    def make_sql(monitor: Monitor, context: SourceContext) -> Source:
        return SqlSource(monitor, context, looks.query, looks.close)

    def make_target(monitor: Monitor, context: SourceContext) -> Source:
        return TargetSource(monitor, context, looks.activity, looks.close)

    def make_host(monitor: Monitor, context: SourceContext) -> Source:
        return HostSource(monitor, context, looks.elsewhere)

    return {"sql": make_sql, "host": make_host, **dict.fromkeys(KINDS, make_target)}
