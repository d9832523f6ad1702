CREATE TABLE a (x int, y int, b_x int, b_y int, PRIMARY KEY (x, y));
CREATE TABLE b (x int, y int, a_x int, a_y int, PRIMARY KEY (x, y), FOREIGN KEY (a_x, a_y) REFERENCES a (x, y) ON DELETE CASCADE);
ALTER TABLE a ADD CONSTRAINT a_to_b FOREIGN KEY (b_x, b_y) REFERENCES b (x, y) DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE s (id int PRIMARY KEY, parent int REFERENCES s (id));
INSERT INTO a VALUES (1, 1, NULL, NULL);
INSERT INTO b VALUES (5, 5, 1, 1);
UPDATE a SET b_x = 5, b_y = 5;
INSERT INTO s VALUES (1, NULL), (2, 1), (3, 3);
