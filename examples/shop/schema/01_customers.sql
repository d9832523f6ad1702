CREATE TABLE customers (
  id integer PRIMARY KEY,
  name varchar(80) NOT NULL,
  email varchar(160),
  created_at datetime
);
