CREATE TABLE `a` (
	`id` text PRIMARY KEY NOT NULL,
	`k` integer NOT NULL,
	`f` integer DEFAULT true,
	`gg` integer,
	`n` numeric DEFAULT 3,
	`big` blob,
	`bj` blob DEFAULT '{"x":[1]}',
	`d` integer DEFAULT '"1970-01-02T00:00:00.000Z"',
	`j` text DEFAULT '{"a":1}',
	`e` text DEFAULT 'x',
	`tx` text,
	`q` text DEFAULT 'it''s',
	`r` real DEFAULT -0.5,
	`z` integer DEFAULT 0,
	`nul` text DEFAULT 'null',
	`c` text DEFAULT (current_timestamp),
	`gs` integer GENERATED ALWAYS AS (k * 2) VIRTUAL,
	`un` text,
	`un2` text,
	CONSTRAINT "cc" CHECK("a"."k" > 0 and "a"."r" is not null)
);

CREATE UNIQUE INDEX `a_un_unique` ON `a` (`un`);
CREATE UNIQUE INDEX `custom_name` ON `a` (`un2`);
CREATE INDEX `ia` ON `a` (`k`) WHERE "a"."q" is null;
CREATE UNIQUE INDEX `ib` ON `a` (lower("q"),`k`);
CREATE UNIQUE INDEX `u_pair` ON `a` (`k`,`q`);
CREATE TABLE `b` (
	`a` text NOT NULL,
	`x` integer,
	`y` integer,
	PRIMARY KEY(`a`, `x`),
	FOREIGN KEY (`a`) REFERENCES `a`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`x`,`y`) REFERENCES `b`(`x`,`y`) ON UPDATE no action ON DELETE set null
);

CREATE VIEW `v` AS select "id", count(*) as "n" from "a" where ("a"."k" = 5 or "a"."r" < 1.5 or "a"."e" in ('x', 'y')) group by "a"."id";
