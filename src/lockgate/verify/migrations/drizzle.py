"""Drizzle's journal against its table: it compares the newest time alone, so much can go wrong; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lockgate.model.finding import Finding
from lockgate.source.migrations import rules
from lockgate.source.migrations.check import Late, find_late, out_of_order_finding
from lockgate.source.migrations.folder import Folder, Migration
from lockgate.source.migrations.text import sha256_any_newline
from lockgate.verify.migrations.history import Applied, History


def check_journal(folder: Folder, history: History) -> tuple[tuple[Finding, ...], dict[str, Late]]:
    """Return the findings, and what the database tells of each entry that is out of order."""
    pairs, rest = _pair(folder, history)
    newest = max((row.when for row in history.applied), default=-1)
    findings = [
        *_entries(folder, pairs, history, newest),
        *_left_over(folder, rest, history),
    ]
    return tuple(findings), _late(folder, pairs, newest)


def _pair(folder: Folder, history: History) -> tuple[dict[str, Applied], list[Applied]]:
    """Find each entry's row: by its time, else by its text. Line ends are no difference of text."""
    rest = list(history.applied)
    pairs: dict[str, Applied] = {}
    for migration in folder.migrations:
        same_time = [row for row in rest if row.when == migration.when]
        best = next((row for row in same_time if row.hash in migration.hashes), None)
        row = best or next(iter(same_time), None)
        if row is not None:
            pairs[migration.id] = row
            rest.remove(row)
    for migration in folder.migrations:
        row = next((row for row in rest if row.hash in sha256_any_newline(migration.text)), None)
        if migration.id not in pairs and row is not None:
            pairs[migration.id] = row
            rest.remove(row)
    return pairs, rest


def _entries(folder: Folder, pairs: dict[str, Applied], history: History, newest: int) -> Iterator[Finding]:
    before = {migration.id: earlier for migration, earlier in find_late(folder)}
    for migration in folder.migrations:
        row = pairs.get(migration.id)
        if row is not None:
            yield from _applied(migration, row, history, newest)
        elif migration.when > newest:
            message = f"{migration.id} is not applied ({history.table or 'no table of applied migrations'})"
            yield rules.UNAPPLIED.found(message, file=migration.file, object=migration.id)
        elif migration.id in before:
            late = Late(is_applied=False, is_passed=True, newest=_name_of(folder, newest))
            yield out_of_order_finding(folder, migration, before[migration.id], late)
        else:
            message = (
                f"{migration.id} has the time {migration.when}, and this database has applied one of {newest}: "
                "it was skipped, and will be for ever"
            )
            place = folder.journal or migration.file
            yield rules.OUT_OF_ORDER.found(message, file=place, line=migration.line, object=migration.id)


def _applied(migration: Migration, row: Applied, history: History, newest: int) -> Iterator[Finding]:
    if row.hash not in sha256_any_newline(migration.text):
        message = (
            f"{migration.id} was edited after it was applied: {history.table} has the hash {row.hash[:12]}…, "
            f"the file has {migration.hashes[0][:12]}…"
        )
        yield rules.EDITED.found(message, file=migration.file, object=migration.id)
    elif migration.when > newest:
        message = (
            f"{migration.id} was applied with the time {row.when}; the journal now says {migration.when}, "
            "later than everything applied: the next run applies it again"
        )
        yield rules.AGAIN.found(message, file=migration.file, object=migration.id)


def _left_over(folder: Folder, rest: list[Applied], history: History) -> Iterator[Finding]:
    known = Counter(row.when for row in history.applied)
    for row in rest:
        if known[row.when] > 1:
            message = f"{history.table} has {known[row.when]} rows of the time {row.when}"
            yield rules.TWICE.found(message, object=str(row.when))
            continue
        message = (
            f"{history.table} has a row of the time {row.when} and the hash {row.hash[:12]}…, and the journal none "
            f"({len(folder.migrations)} entries, {history.rows} rows)"
        )
        yield rules.GONE.found(message, object=str(row.when))


def _late(folder: Folder, pairs: dict[str, Applied], newest: int) -> dict[str, Late]:
    return {
        migration.id: Late(
            is_applied=migration.id in pairs,
            is_passed=migration.id not in pairs and migration.when <= newest,
            newest=_name_of(folder, newest),
        )
        for migration, _ in find_late(folder)
    }


def _name_of(folder: Folder, when: int) -> str:
    return next((m.id for m in folder.migrations if m.when == when), f"one of the time {when}")
