CREATE TABLE t (id serial PRIMARY KEY, code text DEFAULT '000', amount numeric(10,4), at timestamp(6));
INSERT INTO t (code, amount, at) VALUES ('007', 1.2345, '2020-01-01 10:11:12.123456'), (' 8 ', 2.5, NULL), (NULL, NULL, NULL);
