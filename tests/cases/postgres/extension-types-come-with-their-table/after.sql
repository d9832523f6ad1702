CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE TABLE keep (id int PRIMARY KEY, t citext);
CREATE TABLE mail (id int PRIMARY KEY, addr citext UNIQUE, body text);
CREATE INDEX mail_body ON mail USING gin (body gin_trgm_ops);
CREATE INDEX keep_t ON keep USING gin ((t::text) gin_trgm_ops);
