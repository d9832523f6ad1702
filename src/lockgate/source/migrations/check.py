"""What is wrong with a folder of migrations on its own, without a database; pure but for names of files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lockgate.model.finding import Finding, Severity
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder, Kind, Migration, Order
from lockgate.source.migrations.numbered import BACK_FOLDERS, is_way_back
from lockgate.source.migrations.text import is_sql, number_of

_NO_NUMBERS_BELOW = frozenset(("meta", "node_modules", "__pycache__", *BACK_FOLDERS))


@dataclass(frozen=True)
class Late:
    """What a database tells of an out-of-order migration: it has it, or it was passed over for good."""

    is_applied: bool
    is_passed: bool
    newest: str


def check_folder(folder: Folder, late: dict[str, Late] | None = None) -> tuple[Finding, ...]:
    """Return the findings on a folder.

    Args:
        late: What the live database tells of out-of-order migrations, by id; None without a database.
    """
    return (
        *folder.unread,
        *folder.findings,
        *_strays(folder),
        *_duplicates(folder),
        *_out_of_order(folder, late or {}),
    )


def count_of(folder: Folder) -> str:
    """Say how many entries and files there are, to be compared."""
    if folder.journal:
        entries = len(folder.migrations) + len(folder.lost)
        return f"{entries} journal entries, {folder.files} files"
    return f"{folder.files} files"


def _strays(folder: Folder) -> Iterator[Finding]:
    for file in folder.strays:
        reason = "the journal does not list it" if folder.journal else f"{folder.tool.title} does not know such a name"
        message = f"{Path(file).name} never runs: {reason} ({count_of(folder)})"
        yield rules.STRAY.found(message, file=file, object=Path(file).stem)


def _duplicates(folder: Folder) -> Iterator[Finding]:
    groups: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    for migration in folder.migrations:
        if migration.kind is not Kind.REPEATABLE and migration.number:
            groups[_number_key(folder, migration)].append((Path(migration.file).name, migration.file, True))
    for file in folder.strays:
        number = number_of(Path(file).name)
        if number:
            groups[number.lstrip("0") or "0"].append((Path(file).name, file, False))
    seen = {file for group in groups.values() for _, file, _ in group}
    for number, group in groups.items():
        if len(group) > 1:
            yield _duplicate(folder, number, group)
    yield from _duplicates_below(folder, seen)


def _number_key(folder: Folder, migration: Migration) -> str:
    """Return what makes two numbers the same: the value, not the zeros before it; a version's kind counts."""
    if folder.tool.is_by_number:
        return _in_folder(folder, migration) + (migration.id.lstrip("0") or "0")
    return migration.number.lstrip("0") or "0"


def _in_folder(folder: Folder, migration: Migration) -> str:
    """Where subfolders each count for themselves (plain numbers), their name is a part of the key."""
    parent = str(Path(migration.file).parent)
    return "" if folder.tool.history != "versions" or parent == folder.path else f"{parent}/"


def _duplicate(folder: Folder, number: str, group: list[tuple[str, str, bool]]) -> Finding:
    names = " and ".join(
        Path(name).name if name != "migration.sql" else Path(file).parent.name for name, file, _ in group
    )
    is_named_only = not folder.tool.is_by_number and all(is_run for *_, is_run in group)
    shown = number_of(Path(group[0][1]).name) or number_of(Path(group[0][1]).parent.name) or number
    if is_named_only:
        reason = "the tool goes by the journal, so only people and snapshots confuse them"
    elif all(is_run for *_, is_run in group):
        reason = f"to {folder.tool.title} the number is the migration, so one of them cannot be applied"
    else:
        outside = ", ".join(name for name, _, is_run in group if not is_run)
        reason = f"{outside} is not in the journal and never runs" if folder.journal else f"{outside} never runs"
    return rules.DUPLICATE.found(
        f"the number {shown} is used {len(group)} times, by {names}: {reason}",
        file=group[-1][1],
        object=shown,
        severity=Severity.WARNING if is_named_only else Severity.CRITICAL,
        next_step=f"lockgate migrations renumber --dry-run {folder.path}",
    )


def _duplicates_below(folder: Folder, seen: set[str]) -> Iterator[Finding]:
    """Look into the subfolders that the tool does not read: they hold files that people run by hand."""
    groups: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for file in sorted(Path(folder.path).rglob("*.sql")):
        inner = file.relative_to(folder.path).parts[:-1]
        if inner and str(file) not in seen and is_sql(file) and not is_way_back(file):
            number = number_of(file.name)
            if number and not _NO_NUMBERS_BELOW & {part.lower() for part in inner}:
                groups[str(file.parent), number.lstrip("0") or "0"].append(file)
    for (parent, _), files in groups.items():
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            number = number_of(files[0].name)
            message = f"the number {number} is used {len(files)} times in {parent}, by {names}: no journal orders them"
            yield rules.DUPLICATE.found(message, file=str(files[-1]), object=f"{parent}/{number}")


def _out_of_order(folder: Folder, late: dict[str, Late]) -> Iterator[Finding]:
    for migration, newest in find_late(folder):
        yield out_of_order_finding(folder, migration, newest, late.get(migration.id))


def find_late(folder: Folder) -> Iterator[tuple[Migration, Migration]]:
    """Yield every journal entry whose time is not larger than an earlier one's, with the newest before it."""
    newest: Migration | None = None
    for migration in folder.migrations:
        if folder.tool.late is not Order.SKIPPED or migration.when < 0:
            return
        if newest is not None and migration.when <= newest.when:
            yield migration, newest
        else:
            newest = migration


def out_of_order_finding(folder: Folder, migration: Migration, newest: Migration, late: Late | None) -> Finding:
    """Return the finding on a journal entry whose time is not larger than an earlier one's."""
    than = "the same as" if migration.when == newest.when else "before"
    message = f"{migration.id} has the time {migration.when}, {than} that of {newest.id} ({newest.when}): "
    severity = Severity.CRITICAL
    if late is not None and late.is_passed:
        message += f"this database has {late.newest} and not this one, and will skip it for ever"
    elif late is not None and late.is_applied:
        message += f"this database has it; one that stopped at {newest.id} skips it for ever"
        severity = Severity.WARNING
    else:
        message += f"a database that has {newest.id} skips it for ever"
    place = folder.journal or migration.file
    return rules.OUT_OF_ORDER.found(message, file=place, line=migration.line, object=migration.id, severity=severity)
