CREATE TABLE users (id integer NOT NULL PRIMARY KEY, email varchar(80) NOT NULL);
INSERT INTO users VALUES (1, 'ann@example.org'), (2, 'bob@example.org');
