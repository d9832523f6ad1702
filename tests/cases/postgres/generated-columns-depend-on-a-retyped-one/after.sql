CREATE TABLE box (id int PRIMARY KEY, w bigint, h int, area bigint GENERATED ALWAYS AS (w * h) STORED, twice bigint GENERATED ALWAYS AS (w + w) STORED);
CREATE INDEX box_area ON box (area);
CREATE VIEW big AS SELECT id, area FROM box WHERE area > 10;
