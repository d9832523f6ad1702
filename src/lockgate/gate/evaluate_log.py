"""Check ``log``: no forbidden line since the start of the run, phase or task; older lines do not count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from lockgate.gate.asking import compile_pattern, count, cut, fail, ok, start_of, unknown
from lockgate.gate.base import Answer, CheckContext
from lockgate.gate.log_marks import LinesSince, LogMark, lines_after, lines_since, mark_of
from lockgate.model.checks import LogCheck
from lockgate.model.outcome import FailureClass
from lockgate.model.runbook import Runbook
from lockgate.outside.redact import redact


def evaluate_log(check: LogCheck, context: CheckContext) -> Answer:
    """Read what was written since and look for ``without``; what cannot be had of it makes ok unknown."""
    parts = [f"no line with {check.without!r}"] if check.without else []
    parts += [f"a line that matches {check.matches!r}"] if check.matches else []
    expected = f"{' and '.join(parts) or 'a text to look for'} since the start of the {check.since}"
    if not parts:
        return unknown(expected, "the check names neither without nor matches")
    pattern = compile_pattern(check.matches, "log: matches") if check.matches else None
    allowed = [compile_pattern(text, "log: allow") for text in check.allow]
    since = start_of(check.since, context)
    if since is None:
        return unknown(expected, f"the start of {check.since!r} is not known")
    since_lines = _read(check, context, since)
    bad = [
        line
        for line in since_lines.lines
        if check.without and check.without in line and not any(allow.search(line[:10_000]) for allow in allowed)
    ]
    looked = f"{count(len(since_lines.lines), 'line')} since {since.isoformat(timespec='seconds')}"
    lost = f"; {since_lines.lost}" if since_lines.lost else ""
    if bad:
        text = "\n".join(bad[-1000:])
        kept = (context.keep(f"{context.check.replace('/', '-')}-lines.txt", redact(text).encode()),)
        found = f"{len(bad)} of {looked}{lost}"
        return fail(expected, found, items=cut(bad, 20), evidence=kept, failure_class=FailureClass.SERVICE)
    if since_lines.lost:
        return unknown(expected, since_lines.lost, failure_class=FailureClass.SERVICE)
    if pattern and not any(pattern.search(line[:10_000]) for line in since_lines.lines):
        return fail(expected, f"none in {looked}", failure_class=FailureClass.SERVICE)
    return ok(expected, f"none in {looked}" if check.without else looked, failure_class=FailureClass.SERVICE)


def path_of_log(log: str, folder: Path, facts: Mapping[str, Any]) -> Path:
    """Return the file of a log: a name the caller knows, a monitor of the runbook that reads a log, else a path."""
    known = facts.get("logs") or {}
    if log in known:
        return folder / str(known[log])
    runbook = facts.get("runbook")
    for monitor in runbook.monitors if isinstance(runbook, Runbook) else ():
        if monitor.name == log and monitor.source == "log" and "${" not in monitor.query:
            return folder / monitor.query
    return folder / log


def _read(check: LogCheck, context: CheckContext, since: datetime) -> LinesSince:
    path = path_of_log(check.log, context.folder, context.facts)
    mark = _mark(check.log, context, since)
    return lines_since(path, mark) if mark else lines_after(path, since)


def _mark(log: str, context: CheckContext, since: datetime) -> LogMark | None:
    """Return the newest mark that is not after the start; one from before leaves nothing out."""
    noted = [(entry.body.get("logs") or {}).get(log) for entry in context.entries]
    marks = [mark_of(log, facts) for facts in noted if facts]
    before = [mark for mark in marks if mark.at and datetime.fromisoformat(mark.at) <= since]
    return before[-1] if before else None
