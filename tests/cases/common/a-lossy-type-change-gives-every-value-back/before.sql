CREATE TABLE t (id integer NOT NULL PRIMARY KEY, code varchar(10));
INSERT INTO t VALUES (1, '007'), (2, '42'), (3, NULL);
