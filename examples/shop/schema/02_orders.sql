CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers (id),
  ordered_on date,
  total numeric(14,2) CHECK (total >= 0)
);
CREATE INDEX orders_by_customer ON orders (customer_id);

CREATE TABLE order_lines (
  id integer PRIMARY KEY,
  order_id integer NOT NULL REFERENCES orders (id),
  article varchar(80) NOT NULL,
  quantity integer NOT NULL DEFAULT 1
);
