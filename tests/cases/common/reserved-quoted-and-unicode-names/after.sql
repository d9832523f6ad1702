CREATE TABLE "order" (id integer NOT NULL PRIMARY KEY, "select" varchar(20), "größe" integer, "ñew" integer);
CREATE INDEX "idx-größe" ON "order" ("größe");
CREATE TABLE "Straße 1" ("from" integer NOT NULL PRIMARY KEY, "to" integer, CONSTRAINT "fk to" FOREIGN KEY ("to") REFERENCES "order" (id));
