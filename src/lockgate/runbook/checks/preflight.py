"""The check ``preflight``: the target can take a change; what is missing is said exactly: the grant, the space."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from lockgate.engine.base import Session
from lockgate.engine.readiness import Readiness
from lockgate.errors import LockgateError
from lockgate.gate.base import Answer, CheckContext
from lockgate.model.checks import PreflightCheck
from lockgate.model.duration import parse_duration
from lockgate.model.outcome import FailureClass, Outcome
from lockgate.model.server import Server
from lockgate.runbook.checks.answers import answer, unknown
from lockgate.runbook.target import TargetTools
from lockgate.workflow.back_up import look_ahead

_CLASS = FailureClass.PROCESS
_MIB = 1 << 20


@dataclass
class _Found:
    """What the parts found: lines of what is good, problems, and what could not be looked at."""

    good: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def evaluate(tools: TargetTools, check: PreflightCheck, context: CheckContext) -> Answer:
    """Look at every part that is asked for; one problem fails, one part that could not be looked at is unknown."""
    parts = check.only or tuple(_PARTS)
    expected = f"ready: {', '.join(parts)}"
    strangers = [part for part in parts if part not in _PARTS]
    if strangers:
        return unknown(expected, f"there is no part {strangers[0]!r}: {', '.join(_PARTS)}", _CLASS)
    found = _Found()
    try:
        with closing(tools.engine.connect(tools.target, is_read_only=True)) as session:
            server = tools.engine.identify(session)
            ready = tools.engine.readiness(session)
            for part in parts:
                _PARTS[part](tools, check, session, server, ready, found)
    except LockgateError as error:
        return unknown(expected, str(error), _CLASS)
    items = (*found.problems, *(f"unknown: {text}" for text in found.unknown), *found.good)
    outcome = Outcome.FAIL if found.problems else Outcome.UNKNOWN if found.unknown else Outcome.OK
    return answer(outcome, expected, "; ".join(found.problems or found.unknown or found.good), _CLASS, items)


_Part = Callable[[TargetTools, PreflightCheck, Session, Server, Readiness, _Found], None]


def _version(
    tools: TargetTools, check: PreflightCheck, session: Session, server: Server, ready: Readiness, found: _Found
) -> None:
    found.good.append(f"{server.flavor} {server.version_text}")


def _privileges(
    tools: TargetTools, check: PreflightCheck, session: Session, server: Server, ready: Readiness, found: _Found
) -> None:
    found.problems += [f"{ready.privileges} lacks a right: {text}" for text in ready.missing]
    found.unknown += ready.unknown
    if not ready.missing and not ready.unknown:
        found.good.append(f"{ready.privileges} may change the schema")


def _disk(
    tools: TargetTools, check: PreflightCheck, session: Session, server: Server, ready: Readiness, found: _Found
) -> None:
    """Ask for room for the largest table so many times over."""
    sizes = {key.path: size.bytes for key, size in tools.engine.table_sizes(session, server).items()}
    largest = max(sizes, key=lambda name: sizes[name], default="")
    free = tools.engine.free_bytes(session)
    needed = int(max(sizes.get(largest, 0), 0) * check.disk)
    if free is None:
        found.unknown.append(f"how much room the server's disk has cannot be seen from here; {needed} bytes are needed")
    elif free < needed:
        short = f"{(needed - free) // _MIB + 1} MiB more are needed"
        found.problems.append(
            f"{free // _MIB} MiB are free, {check.disk:g} times {largest} is {needed // _MIB} MiB: {short}"
        )
    else:
        found.good.append(f"{free // _MIB} MiB are free, {needed // _MIB} MiB are needed")


def _replication(
    tools: TargetTools, check: PreflightCheck, session: Session, server: Server, ready: Readiness, found: _Found
) -> None:
    most = parse_duration(check.max_lag, "max_lag")
    replicas = tools.engine.load().lag_of_replicas(session)
    late = [f"replica {name} is {lag:.0f} s behind, {most:g} s are allowed" for name, lag in replicas if lag > most]
    found.problems += late
    if not late:
        found.good.append(f"{len(replicas)} replicas, none further behind than {most:g} s")


def _timeouts(
    tools: TargetTools, check: PreflightCheck, session: Session, server: Server, ready: Readiness, found: _Found
) -> None:
    found.problems += [f"a change would be cut off: {text}" for text in ready.cut_offs]
    if not ready.cut_offs:
        found.good.append("no time-out would cut a change off")


def _backup(
    tools: TargetTools, check: PreflightCheck, session: Session, server: Server, ready: Readiness, found: _Found
) -> None:
    """Ask whether a full backup could be taken: tools of the right version, rights to read."""
    ahead = look_ahead(tools.engine, tools.target, tools.backup)
    found.problems += [f"no backup could be taken: {text}" for text in ahead.problems]
    if not ahead.problems:
        names = ", ".join(f"{tool.name} {tool.version}" for tool in ahead.tools) or "the library"
        found.good.append(f"a backup can be taken with {names}")


_PARTS: dict[str, _Part] = {
    "version": _version,
    "privileges": _privileges,
    "disk": _disk,
    "replication": _replication,
    "timeouts": _timeouts,
    "backup": _backup,
}
