CREATE TYPE dim AS (w int, h int, depth int);
CREATE TABLE t (id int PRIMARY KEY, d dim);
CREATE FUNCTION area(d dim) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT d.w * d.h $$;
