"""Migrations that name what they build on (Alembic, Django) against the rows of applied ones; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from lockgate.model.finding import Finding
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Folder, Kind, Migration
from lockgate.verify.migrations.history import History


def check_graph(folder: Folder, history: History) -> tuple[Finding, ...]:
    """Return the findings: applied and unknown, applied twice, waiting, and passed over by one that builds on it.

    Where the rows name the newest alone (Alembic), everything that those build on counts as applied.
    """
    return tuple(_check(folder, history))


def _check(folder: Folder, history: History) -> Iterator[Finding]:
    known = {migration.id: migration for migration in folder.migrations}
    replaced = {id_ for migration in folder.migrations for id_ in migration.replaces}
    recorded = Counter(row.id for row in history.applied)
    for id_, count in recorded.items():
        if count > 1:
            yield rules.TWICE.found(f"{history.table} has {id_} {count} times", object=id_)
        if id_ not in known and id_ not in replaced:
            message = f"{history.table} has {id_}, and no file of {folder.path} does"
            yield rules.GONE.found(message, object=id_)
    newest = [row.id for row in history.applied if row.is_newest]
    done = {*recorded, *builds_on(known, newest)}
    passed = builds_on(known, done) - done
    for migration in folder.migrations:
        if migration.id in done or migration.kind is Kind.SUPERSEDED:
            continue
        if migration.replaces and done.issuperset(migration.replaces):
            continue  # the tool records a squashed migration when all that it stands for are recorded
        if migration.id in passed:
            yield _passed_over(folder, migration, known, done)
        else:
            message = f"{migration.id} is not applied ({history.table or 'no table of applied migrations'})"
            yield rules.UNAPPLIED.found(message, file=migration.file, object=migration.id)


def builds_on(known: dict[str, Migration], ids: Iterable[str]) -> set[str]:
    """Return all that these migrations build on, at any distance."""
    found: set[str] = set()
    waiting = [parent for id_ in ids if id_ in known for parent in known[id_].after]
    while waiting:
        id_ = waiting.pop()
        if id_ in known and id_ not in found:
            found.add(id_)
            waiting += known[id_].after
    return found


def _passed_over(folder: Folder, migration: Migration, known: dict[str, Migration], done: set[str]) -> Finding:
    later = sorted(id_ for id_ in done if id_ in known and migration.id in builds_on(known, [id_]))
    message = (
        f"{migration.id} is not applied, and {later[0]}, which builds on it, is: {folder.tool.title} refuses to go on"
    )
    return rules.OUT_OF_ORDER.found(message, file=migration.file, object=migration.id)
