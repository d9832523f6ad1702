CREATE TABLE t (id int PRIMARY KEY, n timestamp NOT NULL, d uuid, j int[]);
CREATE VIEW v AS SELECT id FROM t;
