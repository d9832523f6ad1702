CREATE TABLE keep (id int PRIMARY KEY, t text);
INSERT INTO keep VALUES (1, 'Ab');
