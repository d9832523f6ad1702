"""Tell what a statement does to the file from its text: one writer at a time, so only how long it takes differs.

Source: sqlite.org/lang_altertable.html (DROP COLUMN writes the table again, ADD COLUMN and RENAME only the schema),
lang_createindex.html, lockingv3.html.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from lockgate.engine.base import Session
from lockgate.engine.disk import free_bytes_of
from lockgate.model.op import Blocks, Statement
from lockgate.model.probed import Probed
from lockgate.model.server import Server

_SCANS = re.compile(
    r"\s*(CREATE\s+(UNIQUE\s+)?INDEX|ALTER\s+TABLE\s.*\sDROP\s+(COLUMN\s+)?|INSERT\s.*\bSELECT\b|UPDATE|DELETE"
    r"|REINDEX|VACUUM)\b",
    re.I | re.S,
)


@dataclass
class SqliteProber:
    """Runs statements and reads their texts; see `lockgate.engine.base.Prober`."""

    session: Session

    def begin(self) -> None:
        """Open a transaction, as the session does."""
        self.session.begin()

    def run(self, statement: Statement) -> Probed | None:
        """Run one statement."""
        self.session.execute(statement.sql)
        if statement.blocks is Blocks.NOTHING:
            return None
        return Probed(
            blocks=statement.blocks,
            lock=statement.lock,
            rewrites=statement.rewrites,
            scans=statement.rewrites or bool(_SCANS.match(statement.sql)),
        )


def probe(session: Session, server: Server) -> SqliteProber:
    """Return what probes statements in a session on a scratch copy."""
    return SqliteProber(session)


def free_bytes(session: Session) -> int | None:
    """Return the free bytes on the disk that holds the database's file."""
    return free_bytes_of(os.path.dirname(os.path.abspath(session.target.path)), session.target)
