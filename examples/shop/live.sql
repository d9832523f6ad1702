CREATE TABLE customers (id integer PRIMARY KEY, name varchar(80), mail varchar(160), fax varchar(40));
CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer REFERENCES customers (id),
  ordered_on date,
  total varchar(20)
);
CREATE TABLE import_2019 (id integer PRIMARY KEY, line text);
INSERT INTO customers VALUES (1, 'Ada', 'ada@example.org', '030 11'), (2, 'Grace', 'grace@example.org', NULL);
INSERT INTO orders VALUES (1, 1, '2024-03-01', '0012.50'), (2, 2, '2024-03-02', '7');
INSERT INTO import_2019 VALUES (1, 'a line nobody declared any more');
