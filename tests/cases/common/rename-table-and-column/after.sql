CREATE TABLE people (id integer NOT NULL PRIMARY KEY, name varchar(40), born integer);
CREATE INDEX person_name ON people (name);
