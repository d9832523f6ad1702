CREATE EXTENSION btree_gist;
CREATE TABLE t (id int PRIMARY KEY, a int, b int, during tsrange, EXCLUDE USING gist (a WITH =, during WITH &&));
CREATE STATISTICS t_ab (dependencies) ON a, b FROM t;
CREATE RULE no_delete AS ON DELETE TO t DO INSTEAD NOTHING;
INSERT INTO t VALUES (1, 1, 1, '[2020-01-01,2020-02-01)');
