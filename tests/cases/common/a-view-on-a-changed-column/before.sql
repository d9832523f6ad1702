CREATE TABLE t (id integer NOT NULL PRIMARY KEY, n integer, s varchar(10));
CREATE VIEW v AS SELECT id, n FROM t WHERE n > 0;
INSERT INTO t VALUES (1, 1, 'a'), (2, -1, 'b');
