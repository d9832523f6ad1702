"""How the state of backups is printed: lines for people, metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lockgate.backup.status_facts import BackupStatus, State


def status_text(status: BackupStatus) -> str:
    """Return a line for each check, the worst first, and one for the whole."""
    order = (State.FAIL, State.UNKNOWN, State.OK)
    words = {State.OK: "ok", State.FAIL: "FAIL", State.UNKNOWN: "unknown"}
    lines = []
    for check in sorted(status.checks, key=lambda check: (order.index(check.state), not check.matters)):
        word = words[check.state] if check.state is not State.UNKNOWN or check.matters else "-"
        lines.append(f"{word:<8} {check.id:<11} {check.message}")
        if check.next_step and check.state is not State.OK:
            lines.append(f"{'':<20} next: {check.next_step}")
    heads = {State.OK: "healthy", State.FAIL: "UNHEALTHY", State.UNKNOWN: "UNKNOWN: not everything could be looked at"}
    return "\n".join([f"backups of {status.target}: {heads[status.state]}", *lines])


def prometheus_text(status: BackupStatus) -> str:
    """Return the state as Prometheus' text format; what is not known has no sample."""
    lines: list[str] = []
    for name, kind, words, samples in _metrics(status):
        known = [(labels, value) for labels, value in samples if value is not None]
        if not known:
            continue
        lines += [f"# HELP lockgate_backup_{name} {words}", f"# TYPE lockgate_backup_{name} {kind}"]
        lines += [f"lockgate_backup_{name}{{{labels}}} {_number(value)}" for labels, value in known]
    return "\n".join(lines) + "\n"


_Samples = list[tuple[str, float | None]]


def _metrics(status: BackupStatus) -> Iterator[tuple[str, str, str, _Samples]]:
    target = f'target="{_escaped(status.target)}"'

    def one(value: float | None) -> _Samples:
        return [(target, value)]

    yield "healthy", "gauge", "1 when every check that matters is ok.", one(float(status.state is State.OK))
    states: _Samples = [
        (f'{target},check="{_escaped(check.id)}",state="{state.value}"', float(check.state is state))
        for check in status.checks
        for state in State
    ]
    yield "check", "gauge", "How each check went: 1 for the state it is in.", states
    yield "count", "gauge", "Published backups.", one(status.backups)
    yield "newest_timestamp_seconds", "gauge", "When the newest good backup was begun.", one(_time(status.newest_at))
    yield "newest_bytes", "gauge", "Stored size of the newest good backup.", one(status.newest_bytes)
    yield "newest_rows", "gauge", "Rows in the newest good backup.", one(status.newest_rows)
    yield (
        "verified_timestamp_seconds",
        "gauge",
        "When a backup was last proven by restoring it.",
        one(_time(status.verified_at)),
    )
    estimate = status.restore_estimate_s
    yield (
        "restore_estimate_seconds",
        "gauge",
        "How long the last verified restore took.",
        one(estimate if estimate >= 0 else None),
    )
    yield "free_bytes", "gauge", "Space left where backups are kept.", one(status.free_bytes)
    yield "next_run_timestamp_seconds", "gauge", "When the next scheduled backup is due.", one(_time(status.next_run))


def _time(text: str) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
