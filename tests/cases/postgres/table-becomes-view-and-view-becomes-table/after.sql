CREATE TABLE src (id int PRIMARY KEY, n int);
CREATE VIEW one AS SELECT id, n FROM src;
CREATE TABLE two (id int PRIMARY KEY, n int);
