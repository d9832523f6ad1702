CREATE EXTENSION btree_gist;
CREATE TABLE t (id int PRIMARY KEY, a bigint, b int, during tsrange, EXCLUDE USING gist (a WITH =, during WITH &&) WHERE (a > 0));
CREATE STATISTICS t_ab (ndistinct, dependencies) ON a, b FROM t;
COMMENT ON STATISTICS t_ab IS 'both';
CREATE RULE no_delete AS ON DELETE TO t WHERE OLD.a > 5 DO INSTEAD NOTHING;
