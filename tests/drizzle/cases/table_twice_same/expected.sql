CREATE TABLE `users` (
	`id` int NOT NULL,
	CONSTRAINT `users_id` PRIMARY KEY(`id`)
);
