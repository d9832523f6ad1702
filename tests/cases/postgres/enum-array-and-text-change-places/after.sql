CREATE TYPE e AS ENUM ('b', 'a');
CREATE TABLE t (id int PRIMARY KEY, x text DEFAULT 'a', y e DEFAULT 'b', z e[] DEFAULT '{a}', w e NOT NULL);
CREATE INDEX t_x ON t (x);
CREATE INDEX t_y ON t (y);
