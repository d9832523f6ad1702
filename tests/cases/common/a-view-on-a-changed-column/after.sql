CREATE TABLE t (id integer NOT NULL PRIMARY KEY, n bigint, s varchar(10));
CREATE VIEW v AS SELECT id, n FROM t WHERE n > 0;
CREATE VIEW w AS SELECT id, s FROM t;
