CREATE TABLE `users` (
	`id` int NOT NULL,
	`title` varchar(5),
	CONSTRAINT `users_id` PRIMARY KEY(`id`)
);
