CREATE TABLE a (x bigint, y int, b_x bigint, b_y int, PRIMARY KEY (x, y));
CREATE TABLE b (x bigint, y int, a_x bigint, a_y int, PRIMARY KEY (x, y), FOREIGN KEY (a_x, a_y) REFERENCES a (x, y) ON DELETE SET NULL);
ALTER TABLE a ADD CONSTRAINT a_to_b FOREIGN KEY (b_x, b_y) REFERENCES b (x, y) DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE s (id bigint PRIMARY KEY, parent bigint REFERENCES s (id) ON DELETE CASCADE);
