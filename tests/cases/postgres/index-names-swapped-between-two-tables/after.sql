CREATE TABLE t1 (id int PRIMARY KEY, a int, b int);
CREATE TABLE t2 (id int PRIMARY KEY, a int, b int);
CREATE INDEX second_idx ON t1 (a);
CREATE INDEX first_idx ON t2 (a);
