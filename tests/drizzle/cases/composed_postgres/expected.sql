CREATE TYPE "public"."code" AS ENUM('open', 'closed');
CREATE TYPE "public"."state" AS ENUM('open', 'closed');
CREATE TABLE "x_category_archive" (
	"id" integer PRIMARY KEY NOT NULL,
	"ref" uuid,
	"col_a" text,
	"col_b" text,
	CONSTRAINT "x_category_archive_ref_col_a_col_b_unique" UNIQUE("ref","col_a","col_b")
);

CREATE TABLE "x_category" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"slug" text NOT NULL,
	"name" varchar(20),
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone,
	CONSTRAINT "x_category_slug_unique" UNIQUE("slug"),
	CONSTRAINT "len" CHECK (char_length("x_category"."slug") <= 10)
);

CREATE TABLE "x_item" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text DEFAULT 'a' NOT NULL,
	"slug_ref" text NOT NULL,
	"emb" vector(3),
	"data" jsonb DEFAULT '[]'::jsonb,
	"st" "state" DEFAULT 'open',
	"search" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('english', coalesce(title, '')), 'A') || '') STORED,
	"title" text,
	"flag" boolean DEFAULT true,
	"n" smallint DEFAULT 3,
	"parent_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone,
	CONSTRAINT "kind_ok" CHECK ("x_item"."kind" in ('a', 'b'))
);

ALTER TABLE "x_category_archive" ADD CONSTRAINT "x_category_archive_ref_x_category_id_fk" FOREIGN KEY ("ref") REFERENCES "public"."x_category"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "x_item" ADD CONSTRAINT "x_item_parent_id_x_item_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."x_item"("id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "x_item" ADD CONSTRAINT "item_slug_ref_fk" FOREIGN KEY ("slug_ref") REFERENCES "public"."x_category"("slug") ON DELETE cascade ON UPDATE cascade;
CREATE INDEX "category_created" ON "x_category" USING btree ("created_at");
CREATE INDEX "item_slug_ref_kind_idx" ON "x_item" USING btree ("slug_ref","kind");
CREATE UNIQUE INDEX "item_kind_title_unq" ON "x_item" USING btree ("kind","title");
CREATE INDEX "item_live" ON "x_item" USING btree ("title" DESC NULLS LAST,"kind") WHERE ("x_item"."parent_id" is null and not "x_item"."flag");
CREATE INDEX "item_gin" ON "x_item" USING gin ("search");
CREATE INDEX "trgm" ON "x_item" USING gin ("title" gin_trgm_ops);
CREATE INDEX "emb_i" ON "x_item" USING hnsw ("emb" vector_cosine_ops) WITH (m=16,ef_construction=64);
CREATE INDEX "item_created" ON "x_item" USING btree ("created_at");
