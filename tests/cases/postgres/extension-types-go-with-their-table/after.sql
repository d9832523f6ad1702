CREATE TABLE keep (id int PRIMARY KEY, t text DEFAULT 'x');
