CREATE TABLE parent (id integer NOT NULL PRIMARY KEY, amount bigint);
CREATE TABLE child (id integer NOT NULL PRIMARY KEY, parent_id integer NOT NULL, CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE);
