CREATE TABLE t (id int, mail text NOT NULL, name text);
CREATE UNIQUE INDEX t_mail ON t (mail);
CREATE UNIQUE INDEX t_pkey ON t (id);
INSERT INTO t VALUES (1, 'a@b', 'x'), (2, 'c@d', 'y');
