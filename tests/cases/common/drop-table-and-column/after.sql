CREATE TABLE users (id integer NOT NULL PRIMARY KEY, email varchar(80) NOT NULL);
