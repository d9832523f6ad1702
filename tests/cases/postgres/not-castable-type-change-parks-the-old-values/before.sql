CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, d date, j jsonb);
CREATE VIEW v AS SELECT id FROM t;
INSERT INTO t VALUES (1, 5, '2020-01-01', '{"a":  1}');
