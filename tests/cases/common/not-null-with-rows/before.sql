CREATE TABLE t (id integer NOT NULL PRIMARY KEY, state varchar(10));
INSERT INTO t VALUES (1, 'new'), (2, 'old');
