CREATE TABLE t1 (id int PRIMARY KEY, a int, b int);
CREATE TABLE t2 (id int PRIMARY KEY, a int, b int);
CREATE INDEX first_idx ON t1 (a);
CREATE INDEX second_idx ON t2 (a);
INSERT INTO t1 VALUES (1, 2, 3);
INSERT INTO t2 VALUES (4, 5, 6);
