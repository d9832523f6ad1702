"""Tables with a column of most types, and rows with the values that copies like to spoil."""

from __future__ import annotations

_MY = (
    """CREATE TABLE a (id int PRIMARY KEY AUTO_INCREMENT, k int NOT NULL, s varchar(50) CHARACTER SET latin1, t text,
    d decimal(20,6), f float, g double, b bit(10), e enum('x','y'), st set('a','b'), j json, dt datetime(6),
    ts timestamp(3) NULL, y year, tm time, bl blob, p point, gen int GENERATED ALWAYS AS (k + 1) STORED)""",
    "CREATE TABLE c (id int PRIMARY KEY, a_id int NOT NULL, note varchar(20), FOREIGN KEY (a_id) REFERENCES a (id))",
    "CREATE TABLE log (id int PRIMARY KEY AUTO_INCREMENT, line varchar(20))",
    "CREATE TRIGGER c_told BEFORE INSERT ON c FOR EACH ROW INSERT INTO log (line) VALUES ('told')",
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
    """INSERT INTO a (id, k, s, t, d, f, g, b, e, st, j, dt, ts, y, tm, bl, p) VALUES
    (1, 1, 'é%''', '😀\\\\', -12345678901234.123456, 1.1, 0.1, b'1000000001', 'x', 'a,b', '{"a": [1, 2.5, "é"]}',
     '2020-02-03 04:05:06.123456', '2020-02-03 04:05:06.1', 2020, '-100:10:10', X'00FF27',
     ST_GeomFromText('POINT(1 2)')),
    (7, 2, '', '', 0, 16777217, 1e300, b'0', NULL, '', 'null', NULL, NULL, NULL, '800:00:00', '', NULL)""",
    "INSERT INTO a (k) SELECT a.k + 10 FROM a CROSS JOIN a x CROSS JOIN a y",
    "INSERT INTO c (id, a_id, note) SELECT 100 - id, id, 'a note' FROM a",
)
SETUPS = {
    "mysql": _MY,
    "mariadb": _MY,
    "postgres": (
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        """CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, k int NOT NULL, s varchar(50), m mood,
        ar int[], js jsonb, b bytea, n numeric, f float4, d double precision, ts timestamptz, iv interval, p point,
        r int4range, gen int GENERATED ALWAYS AS (k + 1) STORED)""",
        "CREATE TABLE c (id serial PRIMARY KEY, a_id bigint NOT NULL REFERENCES a (id), self int REFERENCES c (id))",
        "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        """INSERT INTO a (k, s, m, ar, js, b, n, f, d, ts, iv, p, r) SELECT g, E'é\\\\\\n\\t' || g, 'ok',
        ARRAY[1, NULL, g],
        '{"a": 1.50}', '\\x00ff', 'NaN', 0.1 * g, 1.0 / 3, now(), '1 mon 2 days', '(1,2)', '[1,5)'
        FROM generate_series(1, 30) g""",
        "INSERT INTO c (a_id, self) SELECT 31 - g, CASE WHEN g > 1 THEN g - 1 END FROM generate_series(1, 30) g",
        "CREATE TRIGGER no_inserts BEFORE INSERT ON c FOR EACH ROW EXECUTE FUNCTION boom()",
        "CREATE MATERIALIZED VIEW mv AS SELECT k, count(*) AS n FROM a GROUP BY k",
    ),
    "sqlite": (
        "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, k int NOT NULL, s TEXT, b BLOB)",
        "CREATE TABLE c (id INT, a_id int NOT NULL REFERENCES a (id), note TEXT)",
        "INSERT INTO a VALUES (1, 1, CAST(X'FFFE31' AS TEXT), X'00'), (2, 1.5, NULL, 'text'), (9, 'x', '', NULL)",
        "INSERT INTO a (k) SELECT a.id + 10 FROM a CROSS JOIN a x CROSS JOIN a y",
        "INSERT INTO c SELECT id, id, 'a note' FROM a ORDER BY id DESC",
        "CREATE TRIGGER no_inserts BEFORE INSERT ON c BEGIN SELECT RAISE(ABORT, 'no'); END",
    ),
}
