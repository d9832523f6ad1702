CREATE TABLE keep (id int PRIMARY KEY);
CREATE TABLE node (id int PRIMARY KEY, label text);
CREATE FUNCTION count_nodes(n node) RETURNS int LANGUAGE sql STABLE AS $$ SELECT 1 $$;
CREATE FUNCTION first_node() RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT min(id) FROM node; END;
ALTER TABLE node ADD COLUMN prev int DEFAULT first_node();
ALTER TABLE node ADD CHECK (count_nodes(node) > 0);
CREATE VIEW nodes AS SELECT id, first_node() AS f FROM node;
