CREATE DOMAIN code AS varchar(10) NOT NULL DEFAULT 'x' CHECK (VALUE <> '');
CREATE TABLE t (id int PRIMARY KEY, c code, cs code[]);
CREATE FUNCTION shout(c code) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(c) $$;
CREATE VIEW v AS SELECT c FROM t;
INSERT INTO t VALUES (1, 'a', '{b,c}');
