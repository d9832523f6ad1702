"""What lint claims about locks, beside what real servers do: one server of each kind, one observer each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from lockgate.engine import load_engine
from lockgate.engine.base import Session
from lockgate.errors import FailedError
from lockgate.model.ddl import LockClaim
from lockgate.model.op import Blocks
from lockgate.model.server import Server
from lockgate.model.target import parse_target

_STRENGTH = ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
             "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]  # fmt: skip
_BLOCKS = {
    "ShareUpdateExclusiveLock": Blocks.DDL,
    "ShareLock": Blocks.WRITES,
    "ShareRowExclusiveLock": Blocks.WRITES,
    "ExclusiveLock": Blocks.WRITES,
    "AccessExclusiveLock": Blocks.READS_AND_WRITES,
}
"""What a table lock of PostgreSQL keeps others from (manual, table 13.2); weaker ones keep nobody from rows."""

POSTGRES_SETUP = """
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint, n int, v varchar(10), d numeric(10,2), day date, txt text
    DEFAULT 'x', g int GENERATED ALWAYS AS IDENTITY, CONSTRAINT open CHECK (n < 100));
INSERT INTO orders (id, n, v) SELECT i, i, i FROM generate_series(1, 20) i;
CREATE INDEX orders_day ON orders (day);
CREATE UNIQUE INDEX orders_no ON orders (n);
ALTER TABLE orders ADD CONSTRAINT later CHECK (n > 0) NOT VALID;
CREATE TABLE parts (id bigint, day date) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE parts_2 (id bigint, day date);
CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();
ALTER TABLE orders DISABLE TRIGGER t;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS c FROM orders;
CREATE UNIQUE INDEX totals_c ON totals (c)
"""
POSTGRES = [
    ("orders", "CREATE INDEX i ON orders (n)"),
    ("orders", "DROP INDEX orders_day"),
    ("orders", "REINDEX TABLE orders"),
    ("orders", "ALTER TABLE orders ADD COLUMN a text"),
    ("orders", "ALTER TABLE orders ADD COLUMN a text DEFAULT 'x'"),
    ("orders", "ALTER TABLE orders ADD COLUMN a timestamptz DEFAULT now()"),
    ("orders", "ALTER TABLE orders ADD COLUMN a timestamptz DEFAULT clock_timestamp()"),
    ("orders", "ALTER TABLE orders ADD COLUMN a bigserial"),
    ("orders", "ALTER TABLE orders ADD COLUMN a bigint GENERATED ALWAYS AS (n + 1) STORED"),
    ("orders", "ALTER TABLE orders ADD COLUMN a bigint REFERENCES shops"),
    ("orders", "ALTER TABLE orders DROP COLUMN v"),
    ("orders", "ALTER TABLE orders RENAME COLUMN v TO w"),
    ("orders", "ALTER TABLE orders RENAME TO purchases"),
    ("orders", "ALTER TABLE orders ALTER COLUMN n TYPE bigint"),
    ("orders", "ALTER TABLE orders ALTER COLUMN n SET NOT NULL"),
    ("orders", "ALTER TABLE orders ALTER COLUMN n DROP NOT NULL"),
    ("orders", "ALTER TABLE orders ALTER COLUMN n SET DEFAULT 1"),
    ("orders", "ALTER TABLE orders ALTER COLUMN n SET STATISTICS 50"),
    ("orders", "ALTER TABLE orders ALTER COLUMN txt SET STORAGE external"),
    ("orders", "ALTER TABLE orders ADD CONSTRAINT c CHECK (n > 0)"),
    ("orders", "ALTER TABLE orders ADD CONSTRAINT c CHECK (n > 0) NOT VALID"),
    ("orders", "ALTER TABLE orders VALIDATE CONSTRAINT later"),
    ("orders", "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops"),
    ("shops", "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops"),
    ("shops", "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops NOT VALID"),
    ("orders", "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (v)"),
    ("orders", "ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX orders_no"),
    ("orders", "ALTER TABLE orders DROP CONSTRAINT open"),
    ("orders", "ALTER TABLE orders SET UNLOGGED"),
    ("orders", "ALTER TABLE orders SET (fillfactor = 50)"),
    ("orders", "ALTER TABLE orders CLUSTER ON orders_pkey"),
    ("orders", "ALTER TABLE orders ENABLE TRIGGER t"),
    ("orders", "ALTER TABLE orders ENABLE ROW LEVEL SECURITY"),
    ("orders", "ALTER TABLE orders REPLICA IDENTITY FULL"),
    ("orders", "DROP TRIGGER t ON orders"),
    ("orders", "CREATE POLICY p ON orders USING (true)"),
    ("orders", "COMMENT ON TABLE orders IS 'x'"),
    ("orders", "TRUNCATE orders"),
    ("orders", "DROP TABLE orders CASCADE"),
    ("orders", "LOCK TABLE orders"),
    ("orders", "CLUSTER orders USING orders_pkey"),
    ("orders", "UPDATE orders SET v = 'x'"),
    ("shops", "CREATE TABLE z (id bigint PRIMARY KEY, shop bigint REFERENCES shops)"),
    ("parts", "CREATE TABLE z PARTITION OF parts FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')"),
    ("parts", "ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')"),
    ("parts", "ALTER TABLE parts DETACH PARTITION parts_1"),
    ("totals", "REFRESH MATERIALIZED VIEW totals"),
    ("totals", "REFRESH MATERIALIZED VIEW CONCURRENTLY totals"),
    ("orders", "ALTER INDEX orders_day RENAME TO orders_by_day"),
]  # fmt: skip


def claim_of(server: Server, sql: str) -> LockClaim:
    ddl = load_engine(server.engine).ddl().read(sql, server)
    assert not ddl.unread, ddl.unread
    return ddl.lock


def run_all(session: Session, name: str, script: str) -> None:
    for statement in load_engine(name).split_sql(script):
        session.execute(statement.text)


def test_postgres_locks_what_lint_claims(make_database: Callable[[str], str]) -> None:
    """One session runs each statement in an open transaction; another reads pg_locks and the table's file."""
    engine, target = load_engine("postgres"), parse_target(make_database("postgres"))
    worker, observer = engine.connect(target), engine.connect(target)
    try:
        run_all(worker, "postgres", POSTGRES_SETUP)
        server = engine.identify(worker)
        wrong = [text for table, sql in POSTGRES for text in _compare_postgres(worker, observer, server, table, sql)]
    finally:
        worker.close()
        observer.close()
    assert wrong == []


def _compare_postgres(worker: Session, observer: Session, server: Server, table: str, sql: str) -> list[str]:
    claim = claim_of(server, sql)
    ((oid, file),) = observer.query(f"SELECT oid::int, relfilenode::int FROM pg_class WHERE relname = '{table}'")
    indexes = [i for (i,) in observer.query(f"SELECT indexrelid::int FROM pg_index WHERE indrelid = {oid}")]
    worker.begin()
    try:
        worker.execute(sql)
        locks = observer.query(
            "SELECT mode FROM pg_locks WHERE locktype = 'relation' AND granted AND relation = ANY(%s) AND pid = %s",
            ([oid, *indexes], int(worker.session_id)),
        )
        after = worker.query(f"SELECT relfilenode::int FROM pg_class WHERE oid = {oid}")
    finally:
        worker.rollback()
    strongest = max((mode for (mode,) in locks), key=_STRENGTH.index, default="AccessShareLock")
    blocks = _BLOCKS.get(strongest, Blocks.NOTHING)
    is_rewritten = bool(after) and after[0][0] != file and not sql.startswith(("TRUNCATE", "REFRESH"))
    wrong = []
    if claim.blocks is not blocks:
        wrong.append(f"{sql}: lint says {claim.blocks.value}, the server holds {strongest} on {table}")
    if is_rewritten != claim.rewrites and not (claim.rewrites and not claim.is_certain):
        wrong.append(f"{sql}: lint says rewrites={claim.rewrites}, the server's file changed: {is_rewritten}")
    return wrong


MYSQL_SETUP = """
CREATE TABLE shops (id bigint PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE orders (id bigint NOT NULL PRIMARY KEY, shop_id bigint, n int, v varchar(20), c text, day date,
    s enum('a','b'), p point NOT NULL, KEY orders_day (day), CONSTRAINT pos CHECK (n > 0)) ENGINE=InnoDB;
INSERT INTO orders (id, n, p) VALUES (1, 1, ST_GeomFromText('POINT(1 1)'))
"""
MYSQL = [
    "ALTER TABLE orders ADD COLUMN a text",
    "ALTER TABLE orders ADD COLUMN a int NOT NULL DEFAULT 5",
    "ALTER TABLE orders ADD COLUMN a char(36) DEFAULT (uuid())",
    "ALTER TABLE orders ADD COLUMN a int AS (n + 1) STORED",
    "ALTER TABLE orders ADD COLUMN a int AS (n + 1) VIRTUAL",
    "ALTER TABLE orders ADD COLUMN a bigint AUTO_INCREMENT UNIQUE",
    "ALTER TABLE orders DROP COLUMN v",
    "ALTER TABLE orders RENAME COLUMN v TO w",
    "ALTER TABLE orders ALTER COLUMN v SET DEFAULT 'x'",
    "ALTER TABLE orders MODIFY n bigint",
    "ALTER TABLE orders MODIFY n int NOT NULL",
    "ALTER TABLE orders ADD INDEX i (n)",
    "ALTER TABLE orders ADD UNIQUE INDEX i (n)",
    "ALTER TABLE orders ADD FULLTEXT INDEX i (c)",
    "ALTER TABLE orders ADD SPATIAL INDEX i (p)",
    "ALTER TABLE orders DROP INDEX orders_day",
    "ALTER TABLE orders RENAME INDEX orders_day TO orders_by_day",
    "ALTER TABLE orders DROP PRIMARY KEY",
    "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)",
    "ALTER TABLE orders ADD CONSTRAINT c CHECK (n < 100)",
    "ALTER TABLE orders DROP CONSTRAINT pos",
    "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops (id)",
    "ALTER TABLE orders CONVERT TO CHARACTER SET latin1",
    "ALTER TABLE orders DEFAULT CHARACTER SET utf8mb4",
    "ALTER TABLE orders COMMENT='x'",
    "ALTER TABLE orders ENGINE=InnoDB",
    "ALTER TABLE orders ROW_FORMAT=COMPRESSED",
    "ALTER TABLE orders FORCE",
    "ALTER TABLE orders PARTITION BY HASH (id) PARTITIONS 2",
]
_UNTIL = {Blocks.NOTHING: 0, Blocks.DDL: 1, Blocks.WRITES: 2}


@pytest.mark.parametrize("flavor", ["mysql", "mariadb"])
def test_mysql_does_online_what_lint_claims(flavor: str, make_database: Callable[[str], str]) -> None:
    """The server is asked to do each ALTER INSTANT, then INPLACE without a lock: it refuses what it cannot.

    Lint may claim the worse where the text alone cannot tell, and the better never.
    """
    engine, target = load_engine("mysql"), parse_target(make_database(flavor))
    session = engine.connect(target)
    try:
        server = engine.identify(session)
        assert server.flavor == flavor
        wrong = [text for sql in MYSQL for text in _compare_mysql(session, server, sql)]
    finally:
        session.close()
    assert wrong == []


def _compare_mysql(session: Session, server: Server, sql: str) -> list[str]:
    claim = claim_of(server, sql)
    best = 2
    for rank, suffix in enumerate((", ALGORITHM=INSTANT", ", ALGORITHM=INPLACE, LOCK=NONE")):
        session.execute("DROP TABLE IF EXISTS orders")
        session.execute("DROP TABLE IF EXISTS shops")
        run_all(session, "mysql", MYSQL_SETUP)
        asked = sql.replace(" PARTITION BY", f"{suffix} PARTITION BY") if "PARTITION BY" in sql else sql + suffix
        try:
            session.execute(asked.replace(f"{suffix} PARTITION", f"{suffix[1:]} PARTITION"))
        except FailedError:
            continue
        best = rank
        break
    claimed = _UNTIL[claim.blocks]
    if claimed < best and not (claimed == 0 and best == 1 and not claim.scans):
        return [f"{sql}: lint says {claim.blocks.value}, the server can do no better than {best}"]
    if claimed > best and claim.is_certain:
        return [f"{sql}: lint says {claim.blocks.value}, the server does it better ({best})"]
    return []


SQLITE_SETUP = """
CREATE TABLE shops (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, shop_id INTEGER, n INTEGER, v TEXT);
INSERT INTO orders (id, n) VALUES (1, 1);
CREATE INDEX orders_n ON orders (n);
"""
SQLITE = [
    "CREATE INDEX i ON orders (v)",
    "DROP INDEX orders_n",
    "REINDEX orders",
    "ALTER TABLE orders ADD COLUMN a TEXT",
    "ALTER TABLE orders RENAME COLUMN v TO w",
    "ALTER TABLE orders RENAME TO purchases",
    "ALTER TABLE orders DROP COLUMN v",
    "CREATE TABLE z (id INTEGER PRIMARY KEY)",
    "DROP TABLE shops",
    "CREATE VIEW w AS SELECT 1",
    "CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END",
    "UPDATE orders SET n = 2",
    "DELETE FROM orders",
    "INSERT INTO shops VALUES (1)",
    "ANALYZE",
    "SELECT 1",
    "PRAGMA foreign_key_check",
    "PRAGMA user_version",
]
SQLITE_SERVER = Server(engine="sqlite", flavor="sqlite", version=sqlite3.sqlite_version_info, version_text="")
REFUSED = [
    "ALTER TABLE orders ADD COLUMN a TEXT UNIQUE",
    "ALTER TABLE orders ADD COLUMN a INTEGER PRIMARY KEY",
    "ALTER TABLE orders ADD COLUMN a TEXT DEFAULT CURRENT_TIMESTAMP",
    "ALTER TABLE orders ADD COLUMN a TEXT DEFAULT (datetime('now'))",
    "ALTER TABLE orders ADD COLUMN a TEXT AS (v) STORED",
    "ALTER TABLE orders ADD COLUMN a INTEGER DEFAULT 1 REFERENCES shops",
    "ALTER TABLE orders ALTER COLUMN n TYPE TEXT",
    "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (n) REFERENCES shops",
]


def test_sqlite_keeps_writers_out_as_lint_claims(tmp_path: Path) -> None:
    """A second connection tries to write, and to read, while each statement's transaction is open."""
    wrong = []
    for number, sql in enumerate(SQLITE):
        file = tmp_path / f"{number}.db"
        worker, observer = sqlite3.connect(file, isolation_level=None), sqlite3.connect(file, isolation_level=None)
        try:
            worker.executescript("PRAGMA journal_mode = WAL;" + SQLITE_SETUP)
            observer.execute("PRAGMA busy_timeout = 0")
            worker.execute("BEGIN")
            worker.execute(sql)
            is_blocked = _is_refused(observer, "BEGIN IMMEDIATE")
            assert not _is_refused(observer, "SELECT count(*) FROM shops")
        finally:
            worker.close()
            observer.close()
        claims = claim_of(SQLITE_SERVER, sql).blocks is Blocks.WRITES
        wrong += [f"{sql}: lint says {claims}, writers are kept out: {is_blocked}"] if claims != is_blocked else []
    assert wrong == []


@pytest.mark.parametrize("sql", REFUSED)
def test_sqlite_refuses_what_lint_says_it_does(sql: str, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    database.executescript("PRAGMA foreign_keys = ON;" + SQLITE_SETUP)

    assert _is_refused(database, sql)
    database.close()


def _is_refused(database: sqlite3.Connection, sql: str) -> bool:
    try:
        database.execute(sql)
    except sqlite3.OperationalError:
        return True
    if database.in_transaction:
        database.rollback()
    return False


def test_sqlite_ignores_the_pragma_in_a_transaction_and_deletes_the_children(tmp_path: Path) -> None:
    """The trap behind `rebuild-deletes-children` and `foreign-keys-pragma-ignored`."""
    database = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    database.executescript(
        "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE);"
        "INSERT INTO c VALUES (1, 1);"
        "BEGIN; PRAGMA foreign_keys = OFF; CREATE TABLE n (id INTEGER PRIMARY KEY); INSERT INTO n SELECT id FROM p;"
        "DROP TABLE p; ALTER TABLE n RENAME TO p; COMMIT;"
    )

    assert database.execute("SELECT count(*) FROM p").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM c").fetchone() == (0,)
    database.close()
