CREATE TABLE t (id int, a int, b int, PRIMARY KEY (a, b), UNIQUE (id));
CREATE TABLE r (t_id int REFERENCES t (id));
