CREATE TABLE users (id serial PRIMARY KEY, mail text NOT NULL, boss int REFERENCES users (id));
CREATE INDEX users_mail ON users (mail);
CREATE VIEW mails AS SELECT mail FROM users;
INSERT INTO users (mail, boss) VALUES ('a', NULL), ('b', 1);
