CREATE TABLE base (id bigint NOT NULL, name text NOT NULL, more int DEFAULT 4, CHECK (id > 0));
CREATE TABLE child (extra int) INHERITS (base);
CREATE TABLE loose (id int NOT NULL, name text, own int, CONSTRAINT base_id_check CHECK (id > 0));
