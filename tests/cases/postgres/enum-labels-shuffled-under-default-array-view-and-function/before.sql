CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE person (id int PRIMARY KEY, now_mood mood NOT NULL DEFAULT 'ok', moods mood[] DEFAULT '{sad,ok}', CHECK (now_mood <> 'sad' OR id > 0));
CREATE INDEX person_mood ON person (now_mood) WHERE now_mood = 'happy';
CREATE VIEW happy AS SELECT id, now_mood FROM person WHERE now_mood = 'happy';
CREATE VIEW happier AS SELECT id FROM happy;
CREATE FUNCTION is_sad(m mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT m = 'sad'::mood $$;
INSERT INTO person VALUES (1, 'sad', '{happy,sad}'), (2, 'happy', NULL), (3, 'ok', '{}');
