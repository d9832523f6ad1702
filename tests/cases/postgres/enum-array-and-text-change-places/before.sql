CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, x e DEFAULT 'a', y text DEFAULT 'b', z text[] DEFAULT '{a}', w varchar(5));
CREATE INDEX t_x ON t (x);
CREATE INDEX t_y ON t (y text_pattern_ops);
INSERT INTO t VALUES (1, 'b', 'a', '{a,b}', 'a');
