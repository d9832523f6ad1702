"""The operations on which the probe, the tables of locks and the servers must agree, and what they are tried on."""

from __future__ import annotations

from tests.lint.test_real_locks import MYSQL as _MYSQL
from tests.lint.test_real_locks import POSTGRES as _POSTGRES
from tests.lint.test_real_locks import POSTGRES_SETUP

_ROWS = "INSERT INTO orders (id, n, v) SELECT i, i, i FROM generate_series(1, 20) i;"
POSTGRES_TABLES = POSTGRES_SETUP.replace(_ROWS, "")
POSTGRES_ROWS = (
    "INSERT INTO orders (id, n, v, d) SELECT i, i, i, 1 FROM generate_series(1, 90) i",
    "INSERT INTO parts SELECT 1, '2026-01-15'",
)
assert POSTGRES_TABLES != POSTGRES_SETUP

_LEFT_OUT = ("UPDATE ", "LOCK ", "DROP TABLE ", "TRUNCATE ", "CLUSTER orders")
"""What changes rows, or what a plan never says."""
POSTGRES = (
    *dict.fromkeys(sql for _, sql in _POSTGRES if not sql.startswith(_LEFT_OUT) and "CONCURRENTLY" not in sql),
    "ALTER TABLE orders ALTER COLUMN v TYPE varchar(20)",
    "ALTER TABLE orders ALTER COLUMN v TYPE text",
    "ALTER TABLE orders ALTER COLUMN v TYPE varchar(5)",
    "ALTER TABLE orders ALTER COLUMN d TYPE numeric(12,2)",
    "ALTER TABLE orders ALTER COLUMN d TYPE numeric(12,3)",
    "ALTER TABLE orders ALTER COLUMN txt DROP DEFAULT",
    "ALTER TABLE orders ALTER COLUMN g DROP IDENTITY",
    "ALTER TABLE orders ADD COLUMN a uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE orders DROP CONSTRAINT orders_pkey",
    "ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING btree (id WITH =)",
    "ALTER TABLE orders DISABLE TRIGGER ALL",
    "CREATE TRIGGER z AFTER INSERT ON orders FOR EACH ROW"
    " EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
    "CREATE STATISTICS s ON n, v FROM orders",
    "CREATE PUBLICATION p FOR TABLE orders",
    "CREATE VIEW w AS SELECT id FROM orders",
    "CREATE TABLE z (id bigint PRIMARY KEY, n int)",
)

MYSQL_TABLES = (
    "CREATE TABLE shops (id bigint PRIMARY KEY) ENGINE=InnoDB",
    "CREATE TABLE orders (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, shop_id bigint, n int, v varchar(20), c text,"
    " day date, s enum('a','b'), p point NOT NULL, x int, pad varchar(200), KEY orders_day (day), KEY orders_shop"
    " (shop_id), CONSTRAINT pos CHECK (n > 0)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
)
MYSQL_FIRST_ROW = (
    "INSERT INTO orders (n, v, day, s, p, x, pad) VALUES"
    " (1, 'v', '2026-01-01', 'a', ST_GeomFromText('POINT(1 1)'), 1, REPEAT('x', 200))"
)
MYSQL_DOUBLE = (
    "INSERT INTO orders (shop_id, n, v, c, day, s, p, x, pad) SELECT shop_id, n, v, c, day, s, p, x, pad FROM orders"
)
MYSQL_COLUMNS = ("id", "shop_id", "n", "v", "c", "day", "s", "p", "x", "pad")


def has_point(sql: str) -> bool:
    """Tell whether an operation is tried on a table with a point, which no partitioned table can have."""
    return "PARTITION" not in sql


def mysql_tables(sql: str) -> tuple[str, ...]:
    """Return the tables that an operation is tried on."""
    return MYSQL_TABLES if has_point(sql) else tuple(t.replace(", p point NOT NULL", "") for t in MYSQL_TABLES)


_KEYED = ("ADD COLUMN a bigint AUTO_INCREMENT UNIQUE", "ADD UNIQUE INDEX i (n)", "DROP PRIMARY KEY")
MYSQL = (
    *(sql for sql in _MYSQL if not any(part in sql and "ADD PRIMARY" not in sql for part in _KEYED)),
    "ALTER TABLE orders ADD UNIQUE INDEX i (n, id)",
    "ALTER TABLE orders ADD COLUMN a int FIRST",
    "ALTER TABLE orders MODIFY v varchar(30)",
    "ALTER TABLE orders MODIFY v varchar(100)",
    "ALTER TABLE orders MODIFY v varchar(10)",
    "ALTER TABLE orders MODIFY s enum('a','b','c')",
    "ALTER TABLE orders MODIFY s enum('a','c','b')",
    "ALTER TABLE orders MODIFY n int COMMENT 'x'",
    "ALTER TABLE orders MODIFY n int DEFAULT 3",
    "ALTER TABLE orders ALTER COLUMN n SET DEFAULT 3",
    "ALTER TABLE orders ADD COLUMN a int, ADD INDEX i (n)",
    "ALTER TABLE orders ADD COLUMN a int, DROP INDEX orders_day",
    "ALTER TABLE orders DROP COLUMN v, ADD INDEX i (n)",
    "ALTER TABLE orders DROP COLUMN v, DROP INDEX orders_day",
    "ALTER TABLE orders ADD COLUMN a int, RENAME INDEX orders_day TO orders_by_day",
    "ALTER TABLE orders RENAME COLUMN v TO w, ADD INDEX i (n)",
    "ALTER TABLE orders ADD COLUMN a int AS (n + 1) VIRTUAL, ADD UNIQUE INDEX i (n, id)",
)
