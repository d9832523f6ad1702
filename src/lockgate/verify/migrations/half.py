"""Tell whether the next migration to be applied is in the live database already, in part or as a whole; pure."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.diff.compare import diff_schemas
from lockgate.diff.describe import describe_change
from lockgate.model.finding import Finding
from lockgate.model.plan import ChangeNote
from lockgate.model.schema import Schema
from lockgate.source.migrations import rules
from lockgate.source.migrations.folder import Migration

_SHOWN = 5


def find_half_applied(migration: Migration, before: Schema, after: Schema, live: Schema) -> Iterator[Finding]:
    """Yield a finding when the live database has something that a waiting migration makes.

    Args:
        before, after: The schemas before and after that migration, in a scratch.
    """
    wanted = _notes(before, after)
    done = [key for key, note in _notes(before, live).items() if wanted.get(key) == note]
    if not done:
        return
    names = ", ".join(f"{kind.replace('_', ' ')} {path}" for kind, path in done[:_SHOWN])
    more = f" and {len(done) - _SHOWN} more" if len(done) > _SHOWN else ""
    part = f"all {len(wanted)}" if len(done) == len(wanted) else f"{len(done)} of {len(wanted)}"
    message = f"{migration.id} is not recorded as applied, and {part} of its changes are in the database: {names}{more}"
    yield rules.HALF.found(message, file=migration.file, object=migration.id)


def _notes(one: Schema, other: Schema) -> dict[tuple[str, str], ChangeNote]:
    notes = (describe_change(change) for change in diff_schemas(one, other))
    return {(note.kind, note.object): note for note in notes}
