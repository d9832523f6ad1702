CREATE TABLE box (id int PRIMARY KEY, w int, h int, area int GENERATED ALWAYS AS (w * h) STORED);
CREATE INDEX box_area ON box (area);
CREATE VIEW big AS SELECT id, area FROM box WHERE area > 10;
INSERT INTO box (id, w, h) VALUES (1, 2, 3), (2, 10, 20);
