CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL
);

CREATE TABLE "teams" (
	"id" integer PRIMARY KEY NOT NULL,
	"owner_id" integer
);

CREATE TABLE "users" (
	"id" integer PRIMARY KEY NOT NULL,
	"team_id" integer,
	"lead_id" integer
);

ALTER TABLE "teams" ADD CONSTRAINT "teams_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;
ALTER TABLE "users" ADD CONSTRAINT "users_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;
ALTER TABLE "users" ADD CONSTRAINT "users_lead_id_users_id_fk" FOREIGN KEY ("lead_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;
