CREATE TABLE parent (id integer NOT NULL PRIMARY KEY, amount integer);
CREATE TABLE child (id integer NOT NULL PRIMARY KEY, parent_id integer NOT NULL, CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE);
INSERT INTO parent VALUES (1, 100), (2, NULL);
INSERT INTO child VALUES (1, 1), (2, 1), (3, 2);
