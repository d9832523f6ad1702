CREATE TABLE base (id int NOT NULL, name text, CHECK (id > 0));
CREATE TABLE child (extra int) INHERITS (base);
CREATE TABLE loose (id int NOT NULL, name text, own int, CONSTRAINT base_id_check CHECK (id > 0));
INSERT INTO base VALUES (1, 'b');
INSERT INTO child VALUES (2, 'c', 3);
INSERT INTO loose VALUES (3, 'l', 4);
