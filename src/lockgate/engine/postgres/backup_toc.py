"""The table of contents of a pg_dump archive: what it lists, compared with what the catalogue holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lockgate.engine.base import Session
from lockgate.engine.client.child import capture_client
from lockgate.engine.client.credentials import client_environment
from lockgate.engine.client.find import ClientProgram
from lockgate.engine.postgres.client import Login

_LINE = re.compile(r"(\d+); (\d+) (\d+) (.*)")
_KINDS = (
    "TABLE DATA", "SEQUENCE SET", "MATERIALIZED VIEW DATA", "MATERIALIZED VIEW", "FOREIGN TABLE", "EXTENSION",
    "BLOBS", "BLOB METADATA", "BLOB", "CONSTRAINT", "FK CONSTRAINT", "INDEX", "SUBSCRIPTION TABLE", "SUBSCRIPTION",
)  # fmt: skip
"""Kinds that are told apart here; others are known by the catalogue their object is in."""
_EXPECTED = """
WITH left_out AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), spaces AS (
    SELECT oid FROM pg_catalog.pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND nspname !~ '^pg_(toast_)?temp_'
), found AS (
    SELECT 'pg_catalog.pg_class'::regclass AS class, c.oid, 'relation' AS kind, c.relname::text AS name
    FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 'routine', p.proname
    FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype = 'i')
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, 'type', t.typname
    FROM pg_catalog.pg_type t JOIN spaces s ON s.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r')
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::regclass, g.oid, 'trigger', g.tgname
    FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
    JOIN spaces s ON s.oid = c.relnamespace
    WHERE NOT g.tgisinternal AND g.tgparentid = 0
      AND NOT EXISTS (SELECT FROM left_out l WHERE l.objid = c.oid)
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::regclass, k.oid, 'foreign key', k.conname
    FROM pg_catalog.pg_constraint k JOIN spaces s ON s.oid = k.connamespace
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND NOT EXISTS (SELECT FROM left_out l WHERE l.objid = k.conrelid)
    UNION ALL
    SELECT 'pg_catalog.pg_extension'::regclass, e.oid, 'extension', e.extname FROM pg_catalog.pg_extension e
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::regclass, n.oid, 'schema', n.nspname
    FROM pg_catalog.pg_namespace n JOIN spaces s ON s.oid = n.oid
    UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::regclass, e.oid, 'event trigger', e.evtname FROM pg_catalog.pg_event_trigger e
)
SELECT f.class::oid::bigint, f.oid::bigint, f.kind, f.name FROM found f
WHERE f.oid >= 16384 AND NOT EXISTS (SELECT FROM left_out l WHERE l.classid = f.class AND l.objid = f.oid)
"""
"""What pg_dump writes of a database. Objects below 16384 were made with the cluster; it leaves them out."""
_TABLES = """
SELECT c.oid::bigint, n.nspname, c.relname, r.nspname, r.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT rn.nspname, rc.relname
    FROM pg_catalog.pg_class rc JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
    WHERE c.relispartition AND rc.oid = pg_catalog.pg_partition_root(c.oid)
) r ON true
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND n.nspname !~ '^pg_(toast_)?temp_'
"""


@dataclass(frozen=True)
class Entry:
    """One line: its number in the archive, the catalogue and the number of its object there, its kind where known.

    ``text`` is the line itself, as ``pg_restore -L`` takes it.
    """

    number: int
    catalogue: int
    oid: int
    kind: str
    text: str


@dataclass(frozen=True)
class LiveTable:
    """A table that holds rows of its own: its number in the catalogue, its name, and the partitioned table above."""

    oid: int
    namespace: str
    name: str
    root: tuple[str, str] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Its dotted name, and that of the partitioned table whose rows it holds."""
        own = f"{self.namespace}.{self.name}"
        return (own,) if self.root is None else (own, ".".join(self.root))


def list_archive(program: ClientProgram, folder: Path, login: Login | None = None) -> tuple[Entry, ...]:
    """Read the table of contents of an archive in a folder; of its files only ``toc.dat`` is needed.

    Raises:
        BackupFailed: pg_restore cannot read it.
    """
    bare = login or Login("", client_environment())
    data = capture_client(bare.call(program, "-l", str(folder)), most=1 << 28)
    return parse_list(data.decode(errors="replace"))


def parse_list(text: str) -> tuple[Entry, ...]:
    """Read what ``pg_restore -l`` prints."""
    found = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is not None:
            kind = next((kind for kind in _KINDS if match[4].startswith(f"{kind} ")), "")
            found.append(Entry(int(match[1]), int(match[2]), int(match[3]), kind, line))
    return tuple(found)


def live_tables(session: Session) -> dict[int, LiveTable]:
    """Return the tables that hold rows of their own, by their number in the catalogue."""
    return {
        oid: LiveTable(oid, namespace, name, (above, root) if root is not None else None)
        for oid, namespace, name, above, root in session.query(_TABLES)
    }


def find_missing(session: Session, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return what the catalogue holds and the archive does not: ``relation orders``."""
    there = {(entry.catalogue, entry.oid) for entry in entries}
    return tuple(
        f"{kind} {name}" for catalogue, oid, kind, name in session.query(_EXPECTED) if (catalogue, oid) not in there
    )
