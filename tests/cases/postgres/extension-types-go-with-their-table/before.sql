CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE TABLE keep (id int PRIMARY KEY, t citext DEFAULT 'x', u citext);
CREATE TABLE mail (id int PRIMARY KEY, addr citext UNIQUE, body text);
CREATE INDEX mail_body ON mail USING gin (body gin_trgm_ops);
INSERT INTO keep VALUES (1, 'Ab', 'q');
INSERT INTO mail VALUES (1, 'A@b', 'hello');
