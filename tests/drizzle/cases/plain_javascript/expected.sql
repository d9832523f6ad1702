CREATE TABLE `users` (
	`id` int AUTO_INCREMENT NOT NULL,
	`name` varchar(9),
	CONSTRAINT `users_id` PRIMARY KEY(`id`)
);
