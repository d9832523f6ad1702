"""What each statement blocks: SQLite has one writer, and readers go on beside it.

Source: sqlite.org/lockingv3.html and wal.html. In a rollback journal, readers wait only while the commit is written;
with WAL they never do.
"""

from __future__ import annotations

from lockgate.model.op import Blocks, Hazard, HazardKind, Statement

LOCK = "RESERVED (one writer; readers go on)"
_HARMLESS = ("PRAGMA ", "SELECT ")


def note(sql: str, *hazards: Hazard, rewrites: bool = False) -> Statement:
    """Make a statement with what it blocks."""
    blocks = Blocks.NOTHING if sql.startswith(_HARMLESS) else Blocks.WRITES
    return Statement(
        sql=sql, blocks=blocks, lock=LOCK if blocks is Blocks.WRITES else "", rewrites=rewrites, hazards=hazards
    )


def deletes(what: str) -> Hazard:
    """Say that data goes out of sight, kept until finalize."""
    return Hazard(kind=HazardKind.DELETES_DATA, message=f"{what}; kept under a reserved name until finalize")


def hazard(kind: HazardKind, message: str) -> Hazard:
    """Make a hazard."""
    return Hazard(kind=kind, message=message)
