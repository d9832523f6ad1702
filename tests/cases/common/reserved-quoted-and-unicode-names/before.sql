CREATE TABLE "order" (id integer NOT NULL PRIMARY KEY, "select" varchar(10), "größe" integer, "with space" integer);
INSERT INTO "order" VALUES (1, 'a', 5, 6);
