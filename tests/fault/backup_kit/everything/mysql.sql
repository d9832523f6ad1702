-- What only MySQL has.
CREATE TABLE only_here (
  id int PRIMARY KEY,
  hidden int INVISIBLE DEFAULT 7,
  v varchar(40) DEFAULT (uuid()),
  doc json DEFAULT (json_array()),
  KEY by_expression ((lower(v))),
  KEY unseen (v) INVISIBLE
);
INSERT INTO only_here (id, hidden, v) VALUES (1, 9, 'one'), (2, 7, 'zwei ü');
