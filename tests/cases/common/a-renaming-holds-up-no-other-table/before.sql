CREATE TABLE person (id integer NOT NULL PRIMARY KEY, label varchar(40), born integer);
CREATE TABLE other (id integer NOT NULL PRIMARY KEY);
INSERT INTO person VALUES (1, 'Ann', 1990);
INSERT INTO other VALUES (1);
