"""What is wrong between a folder of migrations and the database's record of applied ones; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lockgate.model.finding import Finding, Severity
from lockgate.model.schema import Schema
from lockgate.source.migrations import rules
from lockgate.source.migrations.check import Late
from lockgate.source.migrations.flyway import parse_version
from lockgate.source.migrations.folder import Folder, Kind, Migration, Order
from lockgate.verify.migrations.drizzle import check_journal
from lockgate.verify.migrations.graph import check_graph
from lockgate.verify.migrations.history import Applied, History

_OPEN = frozenset(
    rule.code for rule in (rules.JOURNAL_UNREADABLE, rules.FILE_MISSING, rules.FILE_UNREADABLE, rules.NOT_SQL)
)


def check_history(folder: Folder, history: History, live: Schema) -> tuple[Finding, ...]:
    """Return the findings on what was applied, and on what was not."""
    has_tables = any(table.name not in _own_names(folder) for table in live.tables)
    if not history.applied and folder.migrations and not history.findings:
        return (_missing(folder, history) if has_tables else _none_applied(folder),)
    if folder.tool.history == "drizzle":
        checked: tuple[Finding, ...] = check_journal(folder, history)[0]
    elif folder.tool.is_program:
        checked = check_graph(folder, history)
    else:
        checked = tuple(_by_identity(folder, history))
    if is_list_open(folder):
        checked = tuple(finding for finding in checked if finding.code != rules.GONE.code)
    return (*history.findings, *checked, *_edits_unknown(folder, history))


def is_list_open(folder: Folder) -> bool:
    """Tell whether the folder may hold more migrations than could be read, so that no row is without its migration."""
    return any(finding.code in _OPEN for finding in folder.unread)


def late_of(folder: Folder, history: History) -> dict[str, Late]:
    """Return what the database tells of journal entries that are out of order."""
    return check_journal(folder, history)[1] if folder.tool.history == "drizzle" and history.applied else {}


def _own_names(folder: Folder) -> set[str]:
    return {name.rpartition(".")[2] for name in folder.tool.bookkeeping}


def _missing(folder: Folder, history: History) -> Finding:
    tool, names = folder.tool.title, " or ".join(folder.tool.tables)
    what = f"{history.table} holds no row" if history.table else f"there is no table {names}"
    message = f"the database has tables, but {what}: {tool} would run all {len(folder.runs)} migrations again"
    step = "" if history.table else f"if it has another name: {folder.path}?table=NAME; else record what was applied"
    return rules.HISTORY_MISSING.found(message, object=history.table or folder.tool.tables[-1], next_step=step)


def _none_applied(folder: Folder) -> Finding:
    runs = folder.runs or folder.migrations
    names = runs[0].id if len(runs) == 1 else f"{runs[0].id} to {runs[-1].id}"
    message = f"the database is empty: none of {len(runs)} migrations is applied ({names})"
    return rules.UNAPPLIED.found(message, file=folder.path, object=runs[0].id)


def _edits_unknown(folder: Folder, history: History) -> Iterator[Finding]:
    if not folder.tool.knows_text and history.applied:
        message = f"{folder.tool.title} keeps no hash: whether an applied migration was edited cannot be known"
        if folder.tool.history == "one_version":
            message += "; it keeps the newest version alone, so neither can it whether an older one was passed over"
        yield rules.EDITS_UNKNOWN.found(message, object=history.table)


def _by_identity(folder: Folder, history: History) -> Iterator[Finding]:
    known = {migration.id: migration for migration in folder.migrations}
    for id_, count in Counter(row.id for row in history.applied if not row.is_failed).items():
        if count > 1:
            message = f"{history.table} has {id_} {count} times"
            yield rules.TWICE.found(message, object=id_)
    for row in history.applied:
        migration = _match(row, folder, known)
        if row.is_failed:
            place = migration.file if migration else ""
            yield rules.FAILED.found(f"{row.id} failed half-way: {history.table} says so", file=place, object=row.id)
        elif migration is None:
            if row.id not in {id_ for id_, _ in folder.lost} and not row.covers:
                yield rules.GONE.found(_gone(row.id, folder, history), object=row.id)
        elif row.hash and migration.hashes and row.hash not in migration.hashes:
            yield _edited(migration, history)
    yield from _not_applied(folder, history, known)


def _match(row: Applied, folder: Folder, known: dict[str, Migration]) -> Migration | None:
    """Return the row's migration; rows of Drizzle from before it kept names are told by time or text."""
    if row.id or row.when < 0:
        return known.get(row.id)
    by_time = (m for m in folder.migrations if m.when == row.when or row.hash in m.hashes)
    return next(by_time, None)


def _gone(id_: str, folder: Folder, history: History) -> str:
    return f"{history.table} has {id_ or 'a row'}, and the folder {folder.path} does not"


def _edited(migration: Migration, history: History) -> Finding:
    if migration.kind is Kind.REPEATABLE:
        message = f"{migration.id} was changed since it last ran: the next run applies it again"
        return rules.UNAPPLIED.found(message, file=migration.file, object=migration.id, severity=Severity.INFO)
    message = f"{migration.id} was edited after it was applied: {history.table} has the hash of another text"
    return rules.EDITED.found(message, file=migration.file, object=migration.id)


def _not_applied(folder: Folder, history: History, known: dict[str, Migration]) -> Iterator[Finding]:
    """Tell those that wait from those that were passed over."""
    matched = [_match(row, folder, known) for row in history.applied]
    done = {migration.id for migration in matched if migration is not None}
    places = {migration.id: place for place, migration in enumerate(folder.migrations)}
    versioned = [m for m in folder.migrations if m.id in done and m.kind is not Kind.REPEATABLE]
    newest = max((places[m.id] for m in versioned), default=-1)
    covered = max((parse_version(row.covers) for row in history.applied if row.covers), default=())
    is_counted = any(row.is_newest for row in history.applied)
    for migration in folder.migrations:
        if migration.id in done or _is_covered(migration, covered, bool(versioned), bool(done)):
            continue
        place = places[migration.id]
        if place < newest and is_counted:
            continue  # the tool keeps the newest alone: what is older counts as applied
        if place < newest and migration.kind is not Kind.REPEATABLE:
            yield _passed_over(folder, migration, folder.migrations[newest], history)
        else:
            message = f"{migration.id} is not applied ({history.table or 'no table of applied migrations'})"
            yield rules.UNAPPLIED.found(message, file=migration.file, object=migration.id)


def _is_covered(migration: Migration, covered: tuple[int, ...], has_versions: bool, has_any: bool) -> bool:
    """Tell whether a baseline stands for it: one that was applied, or, on an empty database, one that would be."""
    match migration.kind:
        case Kind.BASELINE:
            return has_versions or bool(covered)
        case Kind.REPEATABLE:
            return False
        case Kind.SUPERSEDED if not has_any and not covered:
            return True
    return bool(covered) and bool(migration.number) and parse_version(migration.number) <= covered


def _passed_over(folder: Folder, migration: Migration, newest: Migration, history: History) -> Finding:
    late = folder.tool.late
    message = (
        f"{migration.id} is not applied, and {newest.id}, which comes after it, is: {folder.tool.title} {late.value}"
    )
    severity = Severity.WARNING if late is Order.APPLIED else Severity.CRITICAL
    return rules.OUT_OF_ORDER.found(message, file=migration.file, object=migration.id, severity=severity)
