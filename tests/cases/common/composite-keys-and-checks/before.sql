CREATE TABLE stock (site integer NOT NULL, item integer NOT NULL, qty integer NOT NULL, PRIMARY KEY (site, item));
INSERT INTO stock VALUES (1, 1, 5), (1, 2, 0), (2, 1, 9);
