CREATE TABLE t (id integer NOT NULL PRIMARY KEY, n decimal(10,2) DEFAULT 0, s varchar(9) DEFAULT 'x');
