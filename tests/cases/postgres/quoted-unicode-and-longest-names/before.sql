CREATE SCHEMA "My Schema";
CREATE TYPE "My Schema"."Größe é" AS ENUM ('it''s', 'b\c', '%d');
CREATE TABLE "My Schema"."select" ("from" int PRIMARY KEY, "a""b" text DEFAULT 'it''s 100%', "ümlaut" "My Schema"."Größe é", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" int NOT NULL);
CREATE INDEX "Idx %s" ON "My Schema"."select" ("a""b");
CREATE TABLE "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" ("id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" serial);
INSERT INTO "My Schema"."select" VALUES (1, 'x', 'it''s', 5);
INSERT INTO "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" DEFAULT VALUES;
