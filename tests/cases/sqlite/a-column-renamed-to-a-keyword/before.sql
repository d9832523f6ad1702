CREATE TABLE t (id integer NOT NULL PRIMARY KEY, number integer, CHECK (number > 0));
INSERT INTO t VALUES (1, 5);
