CREATE SCHEMA "My Schema";
CREATE TYPE "My Schema"."Größe é" AS ENUM ('b\c', 'it''s', '%d');
CREATE TABLE "My Schema"."select" ("from" bigint PRIMARY KEY, "ümlaut" "My Schema"."Größe é" DEFAULT '%d', "new ""one""" text NOT NULL);
CREATE INDEX "Idx %s" ON "My Schema"."select" ("new ""one""");
