CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int GENERATED ALWAYS AS (a * 2) STORED);
INSERT INTO t (id, a, b) VALUES (1, 2, 3), (2, NULL, 5);
