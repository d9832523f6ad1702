CREATE TABLE person (id integer NOT NULL PRIMARY KEY, nmae varchar(40), born integer);
CREATE INDEX person_name ON person (nmae);
INSERT INTO person VALUES (1, 'Ann', 1990), (2, NULL, NULL);
