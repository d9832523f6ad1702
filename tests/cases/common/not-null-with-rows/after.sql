CREATE TABLE t (id integer NOT NULL PRIMARY KEY, state varchar(10) NOT NULL);
