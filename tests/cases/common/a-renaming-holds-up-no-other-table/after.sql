CREATE TABLE human (id integer NOT NULL PRIMARY KEY, label varchar(40), born integer);
CREATE TABLE other (id integer NOT NULL PRIMARY KEY, note varchar(20));
