CREATE TABLE t (id integer NOT NULL PRIMARY KEY, no integer, CHECK (no > 0));
