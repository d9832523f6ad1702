-- Everything a SQLite database can hold.
PRAGMA user_version = 4711;
PRAGMA application_id = 1280066379;
CREATE TABLE person (
  id integer PRIMARY KEY AUTOINCREMENT,
  name text NOT NULL COLLATE NOCASE,
  "e mail" text UNIQUE,
  height real CHECK (height > 0),
  photo blob,
  anything,
  full_name text GENERATED ALWAYS AS (name || ' <' || "e mail" || '>') STORED,
  shout text GENERATED ALWAYS AS (upper(name)) VIRTUAL,
  at text DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE "weird ""name"" 😀 %s ` [x]" ("select" integer, "a'b" text, "таблица" text DEFAULT 'ü', "" text);
CREATE TABLE empty_table (id integer PRIMARY KEY, v text) STRICT;
CREATE TABLE no_rowid (a text, b integer, v, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE no_key (v text);
CREATE TABLE chicken (id integer PRIMARY KEY, egg_id integer REFERENCES egg (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE egg (id integer PRIMARY KEY, chicken_id integer NOT NULL REFERENCES chicken (id) ON DELETE CASCADE);
CREATE TABLE tree (id integer PRIMARY KEY, parent_id integer REFERENCES tree (id) ON DELETE SET NULL);
CREATE TABLE huge (id integer PRIMARY KEY, data blob);
CREATE TABLE history (at text, what text);
CREATE INDEX person_partial ON person (height) WHERE height IS NOT NULL;
CREATE INDEX person_expression ON person (lower("e mail") DESC);
CREATE UNIQUE INDEX "odd index 😀" ON no_rowid (b, a);
CREATE VIEW people AS SELECT id, full_name, shout FROM person WHERE name <> 'it''s';
CREATE VIEW people_of_people AS SELECT count(*) AS n FROM people;
CREATE TRIGGER person_history AFTER UPDATE ON person BEGIN
  INSERT INTO history (at, what) VALUES ('now', 'a ; in ''text'' of ' || old.name);
END;
CREATE TRIGGER people_insert INSTEAD OF INSERT ON people BEGIN
  INSERT INTO person (name) VALUES (new.full_name);
END;
CREATE VIRTUAL TABLE document USING fts5 (title, body);
INSERT INTO person (id, name, "e mail", height, photo, anything) VALUES
  (1, 'O''Hara; DROP TABLE person; --', 'a@example.com', 1.5e-300, x'00ff0a0d1a5c27', 9223372036854775807),
  (2, '😀 ü 汉字 ' || char(0) || char(10) || char(13) || char(9) || '\N \', 'b@example.com', 0.1, zeroblob(0), -0.0),
  (40, '', NULL, NULL, NULL, x'dead'),
  (41, 'line one
USE production;
-- Dump completed', 'c@example.com', 3, randomblob(0), 'text in a column without type');
DELETE FROM person WHERE id = 40;
UPDATE person SET height = 0.30000000000000004 WHERE id = 2;
INSERT INTO "weird ""name"" 😀 %s ` [x]" VALUES (1, 'it''s', 'да', ''), (NULL, NULL, NULL, '%d');
INSERT INTO no_rowid VALUES ('', -1, 1.0), ('é', 0, NULL), ('é', 1, x'00');
INSERT INTO no_key VALUES ('same'), ('same'), (NULL);
INSERT INTO chicken VALUES (1, NULL), (2, NULL);
INSERT INTO egg VALUES (1, 2), (2, 1);
UPDATE chicken SET egg_id = id;
INSERT INTO tree VALUES (1, 1), (2, 1), (3, NULL);
INSERT INTO huge VALUES (1, zeroblob(3000000)), (2, NULL);
INSERT INTO document VALUES ('Überschrift', 'a body that is found');
