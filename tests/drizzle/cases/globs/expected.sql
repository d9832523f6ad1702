CREATE TABLE `a` (
	`id` integer PRIMARY KEY NOT NULL
);

CREATE TABLE `b` (
	`id` integer PRIMARY KEY NOT NULL
);

CREATE TABLE `c` (
	`id` integer PRIMARY KEY NOT NULL
);

CREATE TABLE `d` (
	`id` integer PRIMARY KEY NOT NULL
);
