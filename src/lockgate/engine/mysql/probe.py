"""Find out on a scratch copy how the server carries out an ALTER TABLE, by asking for the cheapest way first.

A way that the server cannot take is refused before anything is done, so the first one it accepts is
the one it would choose by itself. An in-place change that writes all rows again gives the table another TABLE_ID, and
a new index has another INDEX_ID. Sources: MySQL 8.4 manual, "Online DDL Operations"; MariaDB manual, "InnoDB Online DDL
Overview" and "ALTER TABLE … ALGORITHM". What depends on rows is asked elsewhere (`data_answers`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from lockgate.engine.base import Session
from lockgate.engine.disk import free_bytes_of
from lockgate.engine.mysql.server import copies_online, is_mariadb
from lockgate.errors import StatementFailed
from lockgate.model.op import Blocks, Statement
from lockgate.model.probed import Probed
from lockgate.model.server import Server

_ALTER = re.compile(
    r"\s*ALTER\s+TABLE\s+((?:`(?:[^`]|``)+`|[\w$]+)(?:\s*\.\s*(?:`(?:[^`]|``)+`|[\w$]+))?)\s+(?=\S)", re.I
)
_STATED = re.compile(r"\bALGORITHM\s*=?\s*\w|\bLOCK\s*=\s*\w", re.I)
_PARTITION_ONLY = re.compile(r"(PARTITION\s+BY|REMOVE\s+PARTITIONING)\b", re.I)
_PARTITIONS = re.compile(r"\bPARTITION", re.I)
_TEXTS = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`")


_PLAIN = re.compile(r"\w+/\w+", re.ASCII)


class Way(NamedTuple):
    """One way of carrying out an ALTER TABLE: as it is asked for, and what it blocks."""

    algorithm: str
    lock: str
    blocks: Blocks
    name: str

    @property
    def clause(self) -> str:
        """Return it as options of ALTER TABLE."""
        return f"ALGORITHM={self.algorithm}" + (f", LOCK={self.lock}" if self.lock else "")


_INSTANT = Way("INSTANT", "", Blocks.NOTHING, "short exclusive metadata lock")
_COPY = Way("COPY", "SHARED", Blocks.WRITES, "copy, LOCK=SHARED")
_COPY_ALONE = Way("COPY", "EXCLUSIVE", Blocks.READS_AND_WRITES, "copy, LOCK=EXCLUSIVE")
_ONLINE, _SHARED = "in place, writes go on", "in place, LOCK=SHARED"
_MYSQL = (
    _INSTANT,
    Way("INPLACE", "NONE", Blocks.DDL, _ONLINE),
    Way("INPLACE", "SHARED", Blocks.WRITES, _SHARED),
    _COPY,
    _COPY_ALONE,
)
_MARIADB = (
    _INSTANT,
    Way("NOCOPY", "NONE", Blocks.DDL, _ONLINE),
    Way("NOCOPY", "SHARED", Blocks.WRITES, _SHARED),
    Way("INPLACE", "NONE", Blocks.DDL, _ONLINE),
    Way("INPLACE", "SHARED", Blocks.WRITES, _SHARED),
    Way("COPY", "NONE", Blocks.DDL, "copy, writes go on"),
    _COPY,
    _COPY_ALONE,
)


def ways_of(server: Server) -> tuple[Way, ...]:
    """Return the ways a server may take, the cheapest first."""
    if is_mariadb(server):
        return tuple(w for w in _MARIADB if (w.algorithm, w.lock) != ("COPY", "NONE") or copies_online(server))
    return _MYSQL if server.version >= (8, 0, 12) else _MYSQL[1:]


def ask_for(sql: str, way: Way) -> str | None:
    """Return an ALTER TABLE that demands a way; None where the text is none, or demands one already."""
    found = _ALTER.match(sql)
    if found is None or _STATED.search(_TEXTS.sub("''", sql)):
        return None
    rest = sql[found.end() :]
    comma = " " if _PARTITION_ONLY.match(rest) else ", "
    return f"{sql[: found.end()]}{way.clause}{comma}{rest}"


@dataclass
class MysqlProber:
    """Runs each ALTER TABLE in the cheapest way the server accepts; see `lockgate.engine.base.Prober`."""

    session: Session
    server: Server

    def begin(self) -> None:
        """Open a transaction, as the session does."""
        self.session.begin()

    def run(self, statement: Statement) -> Probed | None:
        """Run one statement; what is no ALTER TABLE, or demands its algorithm itself, is as its text says."""
        if ask_for(statement.sql, _INSTANT) is None:
            self.session.execute(statement.sql)
            return None
        table = _ALTER.match(statement.sql)[1]  # type: ignore[index]
        before = self._ids(table) if _PARTITIONS.search(statement.sql) else None
        for way in ways_of(self.server):
            if before is None and way is not _INSTANT:
                before = self._ids(table)
            if self._runs(ask_for(statement.sql, way) or ""):
                return _INSTANT_DONE if before is None else self._describe(way, before, table)
        self.session.execute(statement.sql)
        return None

    def _runs(self, sql: str) -> bool:
        try:
            self.session.execute(sql)
        except StatementFailed:
            return False  # for whatever reason: the last attempt, without a demand, tells it
        return True

    def _describe(self, way: Way, before: _Ids, table: str) -> Probed:
        if way.algorithm == "COPY":
            return Probed(blocks=way.blocks, lock=way.name, rewrites=True, scans=True, algorithm="COPY")
        after = self._ids(table)
        gone = before.tables - after.tables
        is_rebuilt = bool(gone) and (gone == before.tables or not _PLAIN.fullmatch(self._name(table)))
        if way is _INSTANT:  # MariaDB takes this word for PARTITION BY and copies all the same
            return self._describe(_COPY, before, table) if is_rebuilt else _INSTANT_DONE
        if is_rebuilt:
            name = way.name.replace("in place", "in place with a rebuild")
            return Probed(blocks=way.blocks, lock=name, rewrites=True, scans=True, algorithm=way.algorithm)
        if after.indexes <= before.indexes and way.blocks is Blocks.DDL:
            return Probed(blocks=Blocks.NOTHING, lock=_INSTANT.name, algorithm=way.algorithm)
        return Probed(blocks=way.blocks, lock=way.name, scans=True, algorithm=way.algorithm)

    def _name(self, table: str) -> str:
        return f"{self.session.target.database}/{table.strip('`')}"

    def _ids(self, table: str) -> _Ids:
        """Return the ids that InnoDB gave to a table (each of its partitions) and its indexes.

        InnoDB writes names that are not plain in another way; then those of all tables are returned.
        """
        is_old = is_mariadb(self.server) or self.server.version < (8,)
        infix = "SYS_" if is_old else ""
        name = self._name(table)
        where = f" WHERE t.NAME = '{name}' OR t.NAME LIKE '{name.replace('_', '|_')}#%' ESCAPE '|'"
        rows = self.session.query(
            f"SELECT t.TABLE_ID, i.INDEX_ID FROM information_schema.INNODB_{infix}TABLES t"
            f" JOIN information_schema.INNODB_{infix}INDEXES i ON i.TABLE_ID = t.TABLE_ID"
            + (where if _PLAIN.fullmatch(name) else "")
        )
        return _Ids(frozenset(int(t) for t, _ in rows), frozenset((int(t), int(i)) for t, i in rows))


class _Ids(NamedTuple):
    tables: frozenset[int] = frozenset()
    indexes: frozenset[tuple[int, int]] = frozenset()


_INSTANT_DONE = Probed(blocks=Blocks.NOTHING, lock=_INSTANT.name, algorithm="INSTANT")


def probe(session: Session, server: Server) -> MysqlProber:
    """Return what probes statements in a session on a private scratch copy."""
    return MysqlProber(session, server)


def free_bytes(session: Session) -> int | None:
    """Return the free bytes where the server keeps its data, for a server on this machine."""
    return free_bytes_of(str(session.query("SELECT @@datadir")[0][0]), session.target)
