CREATE TABLE `here` (
	`id` int NOT NULL,
	CONSTRAINT `here_id` PRIMARY KEY(`id`)
);
