CREATE TABLE t (id serial PRIMARY KEY, code integer DEFAULT 0, amount numeric(10,2), at timestamp(0));
