CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE task (id int PRIMARY KEY, s state DEFAULT 'new');
CREATE VIEW open_task AS SELECT id, s FROM task WHERE s = 'new';
INSERT INTO task VALUES (1, 'new'), (2, 'done');
