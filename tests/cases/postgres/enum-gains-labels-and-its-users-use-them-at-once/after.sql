CREATE TYPE state AS ENUM ('draft', 'new', 'doing', 'done', 'dropped');
CREATE TABLE task (id int PRIMARY KEY, s state DEFAULT 'draft', CHECK (s <> 'dropped' OR id > 0));
CREATE VIEW open_task AS SELECT id, s FROM task WHERE s IN ('new', 'doing');
CREATE TABLE task_log (id int PRIMARY KEY, was state DEFAULT 'doing');
