CREATE DOMAIN code AS text NOT NULL DEFAULT 'y' CHECK (VALUE <> '') CHECK (length(VALUE) < 20);
CREATE TABLE t (id int PRIMARY KEY, c code, cs code[]);
CREATE FUNCTION shout(c code) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(c) $$;
CREATE VIEW v AS SELECT c FROM t;
