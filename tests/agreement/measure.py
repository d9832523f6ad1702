"""What a server says of an operation beforehand (the probe), what our tables say, and what it then really does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockgate.engine import load_engine
from lockgate.engine.base import Session
from lockgate.errors import FailedError
from lockgate.model.ddl import LockClaim
from lockgate.model.op import Blocks, Statement
from lockgate.model.probed import Probed
from lockgate.model.server import Server
from lockgate.model.target import parse_target
from tests.agreement import matrix

_ORDER = list(Blocks)
_FELT_S, _FELT_ROWS = 0.7, 100_000
"""A shorter operation ends before anybody can be told from one who waits for the processor; on fewer rows an operation
takes so long only when the machine stands still, and then everybody waits."""
_TOO_SHORT = "too short to see who waits"


@dataclass(frozen=True)
class Answer:
    """One operation on one server: probed, documented, and measured."""

    sql: str
    probed: Probed | None
    claim: LockClaim
    real: Probed

    def disagreements(self) -> list[str]:
        """Return in words where two of the three differ."""
        found = []
        if self.probed is not None:
            found += _differ("the probe", self.probed, self.real)
            mine, theirs = _ORDER.index(self.claim.blocks), _ORDER.index(self.probed.blocks)
            is_worse_allowed = not self.claim.is_certain and mine > theirs
            if mine != theirs and not is_worse_allowed:
                found.append(f"the table says {self.claim.blocks.value}, the probe {self.probed.blocks.value}")
            if self.claim.rewrites != self.probed.rewrites and not (not self.claim.is_certain and self.claim.rewrites):
                found.append(f"the table says rewrites={self.claim.rewrites}, the probe {self.probed.rewrites}")
        return [f"{self.sql}: {text}" for text in found]


def _differ(who: str, one: Probed, real: Probed) -> list[str]:
    found = []
    if (
        real.lock != _TOO_SHORT
        and one.blocks is not real.blocks
        and {one.blocks, real.blocks} != {Blocks.NOTHING, Blocks.DDL}
    ):
        found.append(f"{who} says {one.blocks.value}, the server did {real.blocks.value}")
    if one.rewrites != real.rewrites:
        found.append(f"{who} says rewrites={one.rewrites}, the server did {real.rewrites}")
    return found


def ask(flavor: str, make_database: Callable[[], str], rows: int) -> tuple[Server, list[Answer]]:
    """Ask and measure every operation of a flavor's matrix on one server.

    Args:
        make_database: Makes an empty database and returns its URL.
        rows: About how many rows the table that is measured has.
    """
    engine = load_engine("postgres" if flavor == "postgres" else "mysql")
    url = make_database()
    empty, full = engine.connect(parse_target(make_database())), engine.connect(parse_target(url))
    observer = engine.connect(parse_target(url))
    try:
        server = engine.identify(empty)
        stand = _Postgres if flavor == "postgres" else _Mysql
        return server, stand(server, empty, full, observer, rows).run()
    finally:
        for session in (empty, full, observer):
            session.close()


@dataclass
class _Stand:
    server: Server
    empty: Session
    full: Session
    observer: Session
    rows: int

    def claim(self, sql: str) -> LockClaim:
        ddl = load_engine(self.server.engine).ddl().read(sql, self.server)
        assert not ddl.unread, (sql, ddl.unread)
        return ddl.lock


class _Postgres(_Stand):
    """Operations run in a transaction that is rolled back; while it is open, others try to read and to write."""

    def run(self) -> list[Answer]:
        engine = load_engine("postgres")
        for session in (self.empty, self.full):
            for statement in engine.split_sql(matrix.POSTGRES_TABLES):
                session.execute(statement.text)
        for sql in matrix.POSTGRES_ROWS:
            self.full.execute(sql)
        self.observer.execute("SET lock_timeout = 40")
        prober = engine.probe(self.empty, self.server)
        return [self._answer(prober.begin, prober.run, sql) for sql in matrix.POSTGRES]

    def _answer(self, begin: Callable[[], None], probe: Callable[[Statement], Probed | None], sql: str) -> Answer:
        begin()
        try:
            probed = probe(Statement(sql=sql))
        finally:
            self.empty.rollback()
        return Answer(sql, probed, self.claim(sql), self._real(sql))

    def _real(self, sql: str) -> Probed:
        tables = ("orders", "shops", "parts", "totals")
        files = self._files()
        self.full.begin()
        try:
            self.full.execute(sql)
            is_rewritten = any(files.get(oid, file) != file for oid, file in self._files().items())
            reads = [self._is_kept_out(f"SELECT 1 FROM {name} LIMIT 1") for name in tables]
            writes = [self._is_kept_out(f"LOCK TABLE {name} IN ROW EXCLUSIVE MODE") for name in tables[:3]]
            alters = [self._is_kept_out(f"LOCK TABLE {name} IN SHARE UPDATE EXCLUSIVE MODE") for name in tables[:3]]
            if sql.startswith(("REFRESH", "CREATE UNIQUE")):
                writes.append(self._is_kept_out("SELECT 1 FROM totals"))
        finally:
            self.full.rollback()
        blocks = Blocks.READS_AND_WRITES if any(reads) else Blocks.WRITES if any(writes) else Blocks.NOTHING
        if blocks is Blocks.NOTHING and any(alters):
            blocks = Blocks.DDL
        return Probed(blocks=blocks, rewrites=is_rewritten)

    def _files(self) -> dict[int, int]:
        sql = "SELECT oid::int, relfilenode::int FROM pg_class WHERE relkind = 'r' AND oid > 16384"
        return {int(oid): int(file) for oid, file in self.full.query(sql)}

    def _is_kept_out(self, sql: str) -> bool:
        self.observer.begin()
        try:
            self.observer.execute(sql)
        except FailedError:
            return True
        finally:
            self.observer.rollback()
        return False


class _Mysql(_Stand):
    """Operations run on a table with rows; meanwhile another session writes, and a third would read."""

    def run(self) -> list[Answer]:
        engine = load_engine("mysql")
        prober = engine.probe(self.empty, self.server)
        self._prepare()
        answers = []
        for sql in matrix.MYSQL:
            _make_anew(self.empty, matrix.mysql_tables(sql))
            try:
                self.empty.execute(sql)
            except FailedError:
                continue  # not on this version
            _make_anew(self.empty, matrix.mysql_tables(sql))
            probed = prober.run(Statement(sql=sql))
            answers.append(Answer(sql, probed, self.claim(sql), self._real(sql)))
        return answers

    def _prepare(self) -> None:
        """Fill a table once; each operation gets a copy."""
        _make_anew(self.full, matrix.MYSQL_TABLES)
        self.full.execute(matrix.MYSQL_FIRST_ROW)
        count = 1
        while count < self.rows:
            self.full.execute(matrix.MYSQL_DOUBLE)
            count *= 2
        self.full.execute("DROP TABLE IF EXISTS filled")
        self.full.execute("RENAME TABLE orders TO filled")
        self.full.execute("ALTER TABLE filled DROP CONSTRAINT pos")

    def _real(self, sql: str) -> Probed:
        _make_anew(self.full, matrix.mysql_tables(sql))
        columns = ", ".join(name for name in matrix.MYSQL_COLUMNS if name != "p" or matrix.has_point(sql))
        self.full.execute(f"INSERT INTO orders ({columns}) SELECT {columns} FROM filled")
        before = self._table_ids()
        writer = _Writer(self.observer)
        writer.start()
        writer.until_running()
        started = time.monotonic()
        self.full.execute(sql)
        ended = time.monotonic()
        writer.stop()
        took = ended - started
        blocks = Blocks.WRITES if writer.longest > took * 0.6 else Blocks.NOTHING
        lock = "" if took > _FELT_S and self.rows >= _FELT_ROWS else _TOO_SHORT
        return Probed(blocks=blocks, lock=lock, rewrites=before.isdisjoint(self._table_ids()))

    def _table_ids(self) -> set[int]:
        infix = "SYS_" if self.server.flavor == "mariadb" or self.server.version < (8,) else ""
        name = f"{self.full.target.database}/orders"
        sql = f"SELECT TABLE_ID FROM information_schema.INNODB_{infix}TABLES WHERE NAME = %s OR NAME LIKE %s"
        return {int(row[0]) for row in self.full.query(sql, (name, f"{name}#%"))}


class _Writer(threading.Thread):
    """Writes one row after another and keeps the longest time a write took."""

    def __init__(self, session: Session) -> None:
        super().__init__(daemon=True)
        self.session, self.longest, self.count = session, 0.0, 0
        self._is_ending = False

    def run(self) -> None:
        while not self._is_ending:
            started = time.monotonic()
            try:
                self.session.execute("UPDATE orders SET x = x + 1 WHERE id = 1")
            except FailedError:
                pass
            if self.count:
                self.longest = max(self.longest, time.monotonic() - started)
            self.count += 1
            time.sleep(0.002)

    def until_running(self) -> None:
        """Wait for the first writes."""
        while self.count < 3:
            time.sleep(0.002)

    def stop(self) -> None:
        """End, and wait for the last write."""
        self._is_ending = True
        self.join()


def _make_anew(session: Session, tables: Sequence[str]) -> None:
    session.execute("DROP TABLE IF EXISTS orders")
    session.execute("DROP TABLE IF EXISTS shops")
    for sql in tables:
        session.execute(sql)
