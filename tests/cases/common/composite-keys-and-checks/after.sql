CREATE TABLE stock (site integer NOT NULL, item integer NOT NULL, qty integer NOT NULL DEFAULT 0, PRIMARY KEY (item, site), CONSTRAINT qty_ok CHECK (qty >= 0));
CREATE UNIQUE INDEX stock_one ON stock (site, item, qty);
