"""Find out on a scratch copy what a statement locks, rewrites and scans: pg_locks, the tables' files, DEBUG1 messages.

Source: PostgreSQL manual 13 to 18, "Table-level Locks" (13.3.1); the messages are those of ALTER TABLE and of index
builds at client_min_messages = debug1. Nothing here depends on rows, so an empty copy tells the truth about a full one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lockgate.engine.disk import free_bytes_of
from lockgate.engine.postgres.session import PostgresSession
from lockgate.errors import StatementFailed
from lockgate.model.op import Blocks, Statement
from lockgate.model.probed import Probed, is_stronger
from lockgate.model.server import Server

_MODES = {
    "AccessShareLock": ("ACCESS SHARE", Blocks.NOTHING),
    "RowShareLock": ("ROW SHARE", Blocks.NOTHING),
    "RowExclusiveLock": ("ROW EXCLUSIVE", Blocks.NOTHING),
    "ShareUpdateExclusiveLock": ("SHARE UPDATE EXCLUSIVE", Blocks.DDL),
    "ShareLock": ("SHARE", Blocks.WRITES),
    "ShareRowExclusiveLock": ("SHARE ROW EXCLUSIVE", Blocks.WRITES),
    "ExclusiveLock": ("EXCLUSIVE", Blocks.WRITES),
    "AccessExclusiveLock": ("ACCESS EXCLUSIVE", Blocks.READS_AND_WRITES),
}
"""The server's names of table locks from weak to strong, the manual's, and what they keep others from (table 13.2)."""
_STRENGTH = list(_MODES)
_HARMLESS = re.compile(
    r"\s*(SET|RESET|SELECT|INSERT|UPDATE|DELETE|COMMENT|GRANT|REVOKE|DO|VACUUM|ANALYZE|"
    r"CREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE|TYPE|SCHEMA|SEQUENCE|DOMAIN|EXTENSION|AGGREGATE)|"
    r"DROP\s+(FUNCTION|PROCEDURE|TYPE|SCHEMA|DOMAIN|AGGREGATE)|ALTER\s+(FUNCTION|PROCEDURE|SCHEMA|DEFAULT))\b",
    re.I,
)
"""Statements whose locks on tables, if any, keep nobody from rows, or that a copy tells nothing about."""
_FILES = """
SELECT c.oid::bigint, c.relfilenode::bigint, c.relname FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S', 'i', 'I', 'f') AND c.oid >= 16384
"""
_LOCKS = """
SELECT l.relation::bigint, l.mode, c.relkind, c.relfilenode::bigint FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.relation >= 16384
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.relation IS DISTINCT FROM pg_catalog.to_regclass(%s)
"""
_ATTACHED = re.compile(
    r"\bATTACH\s+PARTITION\s+((?:\"(?:[^\"]|\"\")*\"|[\w$]+)(?:\.(?:\"(?:[^\"]|\"\")*\"|[\w$]+))?)", re.I
)
"""What becomes a partition is locked like a table of its own; what matters is its parent (and a default partition)."""
_SCANNING = re.compile(
    r'^(?:verifying table|rewriting table|building index "(?:[^"]|"")*" on table) "((?:[^"]|"")*)"'
    r"|^(validating foreign key constraint)"
)


@dataclass
class PostgresProber:
    """Runs statements and looks at their locks before the transaction ends; see `lockgate.engine.base.Prober`."""

    session: PostgresSession
    _files: dict[int, tuple[int, str]] = field(default_factory=dict)
    _held: frozenset[tuple[int, str]] = frozenset()
    messages: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Open a transaction and note which relations are there, in which files."""
        self._files = {oid: (file, name) for oid, file, name in self.session.query(_FILES)}
        self._held = frozenset()
        self.session.begin()

    def run(self, statement: Statement) -> Probed | None:
        """Run one statement; one that may not run in a transaction cannot be looked at, and is None."""
        is_alone = not self.session.is_in_transaction
        if _HARMLESS.match(statement.sql) or (is_alone and not statement.is_transactional):
            self.session.execute(statement.sql)
            return None
        if is_alone:
            self.begin()
        try:
            probed = self._run_inside(statement)
        except BaseException:
            if is_alone:
                self.session.rollback()
            raise
        if is_alone:
            self.session.commit()
        return probed

    def _run_inside(self, statement: Statement) -> Probed:
        self.messages.clear()
        self.session.execute(statement.sql)
        attached = _ATTACHED.search(statement.sql)
        left_out = attached[1] if attached else None
        rows = [row for row in self.session.query(_LOCKS, (left_out,)) if row[0] in self._files]
        held = frozenset((relation, mode) for relation, mode, _, _ in rows)
        fresh = held - self._held
        before, self._held = self._held, held
        strongest = _strongest(fresh)
        blocks = _MODES[strongest][1]
        earlier = _MODES[_strongest(before)][1]
        if is_stronger(statement.blocks, blocks) and not is_stronger(statement.blocks, earlier):
            blocks, strongest = statement.blocks, ""  # held already by this transaction: nothing new to see
        return Probed(
            blocks=blocks,
            lock=_MODES[strongest][0] if strongest else statement.lock,
            rewrites=self._is_rewritten(rows),
            scans=self._is_scanned(),
        )

    def _is_rewritten(self, rows: list[tuple[Any, ...]]) -> bool:
        """Tell whether a table that was there got another file; remembers the new one."""
        is_rewritten = False
        for relation, _, kind, file in rows:
            known, name = self._files[relation]
            if kind == "r" and file != known:
                self._files[relation] = (file, name)
                is_rewritten = True
        return is_rewritten

    def _is_scanned(self) -> bool:
        names = {name for _, name in self._files.values()}
        for message in self.messages:
            found = _SCANNING.match(message)
            if found and (found[2] or found[1] in names):
                return True
        return False


def _strongest(locks: frozenset[tuple[int, str]]) -> str:
    return max((mode for _, mode in locks), key=_STRENGTH.index, default="AccessShareLock")


def probe(session: PostgresSession, server: Server) -> PostgresProber:
    """Return what probes statements in a session on a private scratch copy."""
    prober = PostgresProber(session)
    session.listen(prober.messages.append)
    return prober


def free_bytes(session: PostgresSession) -> int | None:
    """Return the free bytes where the server keeps its data, for a server on this machine that tells where."""
    try:
        rows = session.query("SELECT pg_catalog.current_setting('data_directory')")
    except StatementFailed:
        return None
    return free_bytes_of(str(rows[0][0]), session.target)
