CREATE TABLE t (id int PRIMARY KEY, a int, b int, UNIQUE (a, b));
CREATE TABLE r (t_id int REFERENCES t (id));
INSERT INTO t VALUES (1, 1, 1), (2, 1, 2);
INSERT INTO r VALUES (2);
