CREATE TABLE `ab` (
	`a` integer NOT NULL,
	`b` text NOT NULL,
	PRIMARY KEY(`a`, `b`),
	FOREIGN KEY (`a`) REFERENCES `t3_user`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE TABLE `one` (
	`a` integer PRIMARY KEY
);

CREATE TABLE `t3_user` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`email` text(255) NOT NULL,
	`role` text DEFAULT 'a' NOT NULL,
	`created` integer DEFAULT (unixepoch()) NOT NULL,
	`upd` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`ok` integer DEFAULT false,
	`meta` text DEFAULT '[]',
	`meta2` text DEFAULT '{"a":"x"}',
	`r` real DEFAULT 1.5,
	`b` blob,
	`n` numeric DEFAULT '3',
	`parent` integer,
	`gen` text GENERATED ALWAYS AS ("email" || 'x') STORED,
	`gen2` text GENERATED ALWAYS AS ((1)) VIRTUAL,
	FOREIGN KEY (`parent`) REFERENCES `t3_user`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "c" CHECK("t3_user"."r" > 1)
);

CREATE UNIQUE INDEX `t3_user_email_unique` ON `t3_user` (`email`);
CREATE INDEX `e` ON `t3_user` (`email`,"created" desc);
CREATE UNIQUE INDEX `f` ON `t3_user` (lower("email")) WHERE "t3_user"."parent" is not null;
CREATE INDEX `g` ON `t3_user` (`substr("email"`,` 1)`);
CREATE UNIQUE INDEX `t3_user_ok_r_unique` ON `t3_user` (`ok`,`r`);
CREATE UNIQUE INDEX `nn` ON `t3_user` (`b`);
CREATE VIEW `vw` AS select "t3_user"."id" from "t3_user";
