CREATE TYPE dim AS (w int, h int, note text);
CREATE TABLE t (id int PRIMARY KEY, d dim, ds dim[]);
CREATE FUNCTION area(d dim) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT d.w * d.h $$;
INSERT INTO t (id, d) VALUES (1, ROW(1, 2, 'keep me')), (2, NULL);
