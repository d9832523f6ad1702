"""For each engine: a database with one of every defect it can have, and what must be found in it."""

from __future__ import annotations

from typing import NamedTuple


class Bad(NamedTuple):
    """Statements that make a database, and the (code, object) of every finding in it."""

    statements: tuple[str, ...]
    schema: frozenset[tuple[str, str]]
    data: frozenset[tuple[str, str]]


_LONG_63 = "a" * 63
_LONG_64 = "b" * 64

SQLITE = Bad(
    (
        "PRAGMA foreign_keys=OFF",
        "PRAGMA ignore_check_constraints=ON",
        "CREATE TABLE nokey (a INTEGER) STRICT",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT NOT NULL COLLATE NOCASE UNIQUE) STRICT",
        "INSERT INTO parent VALUES (1, 'x')",
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id),"
        " parent_text TEXT REFERENCES parent (id), parent_code TEXT REFERENCES parent (code),"
        " lost INTEGER REFERENCES missing (id), loose INTEGER REFERENCES nokey (a), n INTEGER CHECK (n > 0)) STRICT",
        "CREATE INDEX child_text ON child (parent_text)",
        "CREATE INDEX child_code ON child (parent_code)",
        "CREATE INDEX child_lost ON child (lost)",
        "CREATE INDEX child_loose ON child (loose)",
        "INSERT INTO child (id, parent_id, n) VALUES (1, 1, 1), (2, 7, 0)",
        "CREATE INDEX child_n ON child (n)",
        "CREATE INDEX child_n_again ON child (n)",
        "CREATE INDEX child_n_more ON child (n, id)",
        "CREATE TABLE loose (id INTEGER PRIMARY KEY, label STRING, spot POINT, anything, price FLOAT,"
        " amount DECIMAL(10,2), tax_rate FLOAT, size INTEGER, note TEXT NOT NULL)",
        "INSERT INTO loose VALUES (1, 'x', NULL, NULL, 1.5, 2, 0, 'big', 'ok')",
        "INSERT INTO loose VALUES (2, 'x', 3, NULL, 1.5, 'many', 0, 4, x'00')",
        "CREATE TABLE descending (id INTEGER PRIMARY KEY DESC, n INTEGER)",
        "INSERT INTO descending (n) VALUES (1)",
        'CREATE TABLE "order" (id INTEGER PRIMARY KEY, "select" TEXT) STRICT',
        "CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT",
        "INSERT INTO numbered VALUES (9000000000000000000)",
        "CREATE TABLE fired (id INTEGER PRIMARY KEY) STRICT",
        "CREATE TRIGGER on_fired AFTER INSERT ON fired BEGIN INSERT INTO gone VALUES (1); END",
        "CREATE VIEW broken AS SELECT no_such FROM parent",
    ),
    frozenset(
        {
            ("table-without-primary-key", "nokey"),
            ("foreign-key-without-index", "child.parent_id"),
            ("foreign-key-type-mismatch", "child.parent_text"),
            ("foreign-key-type-mismatch", "child.parent_code"),
            ("foreign-key-without-target", "child.lost"),
            ("foreign-key-without-target", "child.loose"),
            ("index-duplicate", "child.child_n_again"),
            ("index-covered", "child.child_n"),
            ("type-affinity", "loose.label"),
            ("type-affinity", "loose.spot"),
            ("type-affinity", "loose.anything"),
            ("money-in-float", "loose.price"),
            ("money-in-float", "loose.amount"),
            ("key-not-rowid", "descending.id"),
            ("key-takes-null", "descending.id"),
            ("name-reserved", "order"),
            ("name-reserved", "order.select"),
            ("table-not-strict", ""),
            ("trigger-broken", "fired"),
            ("view-broken", "broken"),
        }
    ),
    frozenset(
        {
            ("orphan-rows", "child.parent_id"),
            ("rows-break-check", "child.CHECK"),
            ("rows-break-not-null", "descending.id"),
            ("values-of-wrong-class", "loose.size"),
            ("values-of-wrong-class", "loose.amount"),
            ("values-of-wrong-class", "loose.note"),
            ("counter-near-end", "numbered.id"),
        }
    ),
)

POSTGRES = Bad(
    (
        "CREATE TABLE nokey (a int)",
        "CREATE TABLE parent (id bigint PRIMARY KEY, code varchar(20) UNIQUE)",
        "INSERT INTO parent VALUES (1, 'x')",
        "CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id int REFERENCES parent,"
        ' parent_code varchar(10) REFERENCES parent (code), parent_c varchar(20) COLLATE "C" REFERENCES parent (code),'
        " n int, m int CONSTRAINT m_positive CHECK (m > 0))",
        "CREATE INDEX child_code ON child (parent_code)",
        "CREATE INDEX child_c ON child (parent_c)",
        "SET session_replication_role = replica",
        "INSERT INTO child (parent_id, n, m) VALUES (7, 0, 1), (1, 2, 1)",
        "SET session_replication_role = DEFAULT",
        "ALTER TABLE child ADD CONSTRAINT n_positive CHECK (n > 0) NOT VALID",
        "ALTER TABLE child ADD COLUMN late bigint",
        "UPDATE child SET late = 99 WHERE n = 2",
        "ALTER TABLE child ADD CONSTRAINT late_fk FOREIGN KEY (late) REFERENCES parent NOT VALID",
        "CREATE INDEX child_late ON child (late)",
        "CREATE INDEX child_n ON child (n)",
        "CREATE INDEX child_n_again ON child (n)",
        "CREATE INDEX child_n_more ON child (n, m)",
        "CREATE UNIQUE INDEX child_invalid ON child (m)  -- fails",
        "CREATE TABLE money (id serial PRIMARY KEY, price double precision, paid_total real, tax_rate real,"
        " created timestamp, seen timestamptz)",
        "SELECT setval('money_id_seq', 2000000000)",
        "CREATE SEQUENCE wide",
        "CREATE TABLE narrow (id int PRIMARY KEY DEFAULT nextval('wide'))",
        "CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1",
        "SELECT setval('down', -96)",
        "CREATE SEQUENCE round MAXVALUE 10 CYCLE",
        "SELECT setval('round', 10)",
        "CREATE TYPE mood AS ENUM ('', 'fine')",
        f"CREATE TABLE {_LONG_63} (id bigint PRIMARY KEY)",
        'CREATE TABLE "user" (id bigint PRIMARY KEY, "order" int)',
        'CREATE TABLE "Parent" (id bigint PRIMARY KEY)',
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER quiet AFTER INSERT ON money FOR EACH ROW EXECUTE FUNCTION nothing()",
        "ALTER TABLE money DISABLE TRIGGER quiet",
        "CREATE TABLE switched (id bigint PRIMARY KEY, parent_id bigint CONSTRAINT switched_fk REFERENCES parent)",
        "CREATE INDEX switched_parent ON switched (parent_id)",
        "ALTER TABLE switched DISABLE TRIGGER ALL",
        "CREATE FUNCTION later() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
        "CREATE VIEW broken AS SELECT later() AS x FROM parent",
        "SET check_function_bodies = off",
        "CREATE OR REPLACE FUNCTION later() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a FROM gone'",
    ),
    frozenset(
        {
            ("table-without-primary-key", "public.nokey"),
            ("foreign-key-without-index", "public.child.child_parent_id_fkey"),
            ("foreign-key-type-mismatch", "public.child.child_parent_id_fkey"),
            ("foreign-key-type-mismatch", "public.child.child_parent_code_fkey"),
            ("foreign-key-type-mismatch", "public.child.child_parent_c_fkey"),
            ("constraint-not-validated", "public.child.n_positive"),
            ("constraint-not-validated", "public.child.late_fk"),
            ("index-duplicate", "public.child.child_n_again"),
            ("index-covered", "public.child.child_n"),
            ("index-invalid", "public.child.child_invalid"),
            ("money-in-float", "public.money.price"),
            ("money-in-float", "public.money.paid_total"),
            ("timestamp-without-zone", "public.money"),
            ("primary-key-of-32-bits", "public.money.id"),
            ("primary-key-of-32-bits", "public.narrow.id"),
            ("enum-empty-value", "public.mood"),
            ("name-at-limit", f"public.{_LONG_63}"),
            ("name-at-limit", f"public.{_LONG_63}.{'a' * 58}_pkey"),
            ("name-reserved", "public.user"),
            ("name-reserved", "public.user.order"),
            ("names-differ-in-case", "public"),
            ("trigger-disabled", "public.money.quiet"),
            ("constraint-trigger-disabled", "public.switched.switched_fk"),
            ("view-broken", "public.broken"),
        }
    ),
    frozenset(
        {
            ("orphan-rows", "public.child.child_parent_id_fkey"),
            ("orphan-rows", "public.child.late_fk"),
            ("rows-break-check", "public.child.n_positive"),
            ("counter-near-end", "public.money.id"),
            ("counter-near-end", "public.down"),
            ("counter-wider-than-column", "public.narrow.id"),
        }
    ),
)

_COMMON = (
    "CREATE TABLE nokey (a int)",
    "CREATE TABLE parent (id bigint PRIMARY KEY, code varchar(20) UNIQUE)",
    "INSERT INTO parent VALUES (1, 'x')",
    "SET foreign_key_checks = 0",
    "CREATE TABLE child (id bigint AUTO_INCREMENT PRIMARY KEY, parent_code varchar(10),"
    " late bigint, lost bigint, n int, m int,"
    " CONSTRAINT code_fk FOREIGN KEY (parent_code) REFERENCES parent (code),"
    " CONSTRAINT late_fk FOREIGN KEY (late) REFERENCES parent (id),"
    " CONSTRAINT lost_fk FOREIGN KEY (lost) REFERENCES missing (id))",
    "CREATE TABLE other (code varchar(20) PRIMARY KEY)",
    "ALTER TABLE other CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "INSERT INTO child (late, lost) VALUES (99, 5)",
    "CREATE INDEX child_n ON child (n)",
    "CREATE INDEX child_n_again ON child (n)",
    "CREATE INDEX child_n_more ON child (n, m)",
    "CREATE TABLE money (id int AUTO_INCREMENT PRIMARY KEY, price double, paid_total float, tax_rate float,"
    " created timestamp NULL, seen datetime, mood enum('', 'fine'))",
    "ALTER TABLE money AUTO_INCREMENT = 2000000000",
    f"CREATE TABLE {_LONG_64} (id bigint PRIMARY KEY)",
    "CREATE TABLE `order` (id bigint PRIMARY KEY, `key` int)",
    "CREATE TABLE old (id bigint PRIMARY KEY, n varchar(5)) ENGINE=MyISAM",
    "CREATE TABLE three (id bigint PRIMARY KEY, n varchar(5)) CHARSET=utf8mb3",
    "CREATE TABLE gone (id bigint PRIMARY KEY)",
    "CREATE VIEW broken AS SELECT id FROM gone",
    "DROP TABLE gone",
    "SET foreign_key_checks = 1",
)
_COMMON_SCHEMA = frozenset(
    {
        ("table-without-primary-key", "nokey"),
        ("collation-mixed", "other"),
        ("foreign-key-type-mismatch", "child.code_fk"),
        ("foreign-key-without-target", "child.lost_fk"),
        ("index-duplicate", "child.child_n_again"),
        ("index-covered", "child.child_n"),
        ("money-in-float", "money.price"),
        ("money-in-float", "money.paid_total"),
        ("timestamp-2038", "money"),
        ("primary-key-of-32-bits", "money.id"),
        ("enum-empty-value", "money.mood"),
        ("name-at-limit", _LONG_64),
        ("name-reserved", "order"),
        ("name-reserved", "order.key"),
        ("table-without-transactions", "old"),
        ("charset-utf8mb3", "three"),
        ("collation-mixed", "three"),
        ("view-broken", "broken"),
    }
)
_COMMON_DATA = frozenset(
    {("orphan-rows", "child.late_fk"), ("orphan-rows", "child.lost_fk"), ("counter-near-end", "money.id")}
)

MYSQL = Bad(
    (
        *_COMMON,
        "ALTER TABLE child ADD COLUMN k int, ADD CONSTRAINT k_positive CHECK (k > 0) NOT ENFORCED",
        "SET foreign_key_checks = 0",
        "UPDATE child SET k = 0",
        "ALTER TABLE child ADD COLUMN other_code varchar(20) COLLATE utf8mb4_bin,"
        " ADD CONSTRAINT other_fk FOREIGN KEY (other_code) REFERENCES other (code)",
        "ALTER TABLE other CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    ),
    _COMMON_SCHEMA
    | {
        ("constraint-not-enforced", "child.k_positive"),
        ("foreign-key-type-mismatch", "child.other_fk"),
        ("collation-mixed", "child"),
    },
    _COMMON_DATA | {("rows-break-check", "child.k_positive")},
)
MARIADB = Bad(
    (
        *_COMMON,
        "ALTER TABLE child ADD COLUMN k int, ADD CONSTRAINT k_positive CHECK (k > 0)",
        "SET check_constraint_checks = 0",
        "UPDATE child SET k = 0",
        "SET check_constraint_checks = 1",
        "CREATE SEQUENCE s MAXVALUE 100 CACHE 1",
        "SELECT setval(s, 90)",
    ),
    _COMMON_SCHEMA,
    _COMMON_DATA | {("rows-break-check", "child.k_positive"), ("counter-near-end", "s")},
)

BAD = {"sqlite": SQLITE, "postgres": POSTGRES, "mysql": MYSQL, "mariadb": MARIADB}

CLEAN = {
    "sqlite": (
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, price INTEGER NOT NULL) STRICT",
        "CREATE TABLE child (id INTEGER PRIMARY KEY AUTOINCREMENT, parent_id INTEGER NOT NULL REFERENCES parent,"
        " n INTEGER CHECK (n > 0)) STRICT",
        "CREATE INDEX child_parent ON child (parent_id)",
        "CREATE VIEW seen AS SELECT id FROM parent",
        "CREATE TRIGGER kept AFTER INSERT ON child BEGIN UPDATE parent SET price = 1 WHERE id = new.parent_id; END",
        "INSERT INTO parent VALUES (1, 'a', 5)",
        "INSERT INTO child (parent_id, n) VALUES (1, NULL), (1, 3)",
    ),
    "postgres": (
        "CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE,"
        " price numeric(10,2), at timestamptz)",
        "CREATE TABLE child (id bigserial PRIMARY KEY, parent_id bigint NOT NULL REFERENCES parent,"
        " n int CHECK (n > 0))",
        "CREATE INDEX child_parent ON child (parent_id)",
        "CREATE VIEW seen AS SELECT id FROM parent",
        "INSERT INTO parent (code) VALUES ('a')",
        "INSERT INTO child (parent_id, n) VALUES (1, NULL), (1, 3)",
        "CREATE TABLE parted (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent) PARTITION BY RANGE (id)",
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (9)",
        "CREATE INDEX parted_parent ON parted (parent_id)",
        "CREATE FOREIGN DATA WRAPPER nobody",
        "CREATE SERVER elsewhere FOREIGN DATA WRAPPER nobody",
        "CREATE FOREIGN TABLE far (price real CHECK (price > 0)) SERVER elsewhere",
    ),
    "mysql": (
        "CREATE TABLE parent (id bigint AUTO_INCREMENT PRIMARY KEY, code varchar(20) NOT NULL UNIQUE,"
        " price decimal(10,2), at datetime(6))",
        "CREATE TABLE child (id bigint AUTO_INCREMENT PRIMARY KEY, parent_id bigint NOT NULL, n int CHECK (n > 0),"
        " FOREIGN KEY (parent_id) REFERENCES parent (id))",
        "CREATE VIEW seen AS SELECT id FROM parent",
        "INSERT INTO parent (code) VALUES ('a')",
        "INSERT INTO child (parent_id, n) VALUES (1, NULL), (1, 3)",
    ),
}
CLEAN["mariadb"] = CLEAN["mysql"]
