CREATE TABLE people (id serial PRIMARY KEY, email varchar(200) NOT NULL, boss int REFERENCES people (id), age int);
CREATE INDEX people_email ON people (email);
CREATE VIEW mails AS SELECT email AS mail FROM people;
