CREATE TABLE "accounts" (
	"accountId" integer PRIMARY KEY NOT NULL,
	"emailAddress" text NOT NULL,
	"given_name" text,
	CONSTRAINT "accounts_accountId_emailAddress_pk" PRIMARY KEY("accountId","emailAddress"),
	CONSTRAINT "accounts_email_address_unique" UNIQUE("emailAddress"),
	CONSTRAINT "accounts_account_id_email_address_unique" UNIQUE("accountId","emailAddress")
);
--> statement-breakpoint
CREATE INDEX "accounts_emailAddress_index" ON "accounts" USING btree ("emailAddress");--> statement-breakpoint
CREATE VIEW "public"."names" AS (select "accounts"."accountId" from "accounts" where "accounts"."emailAddress" = 'x');
