CREATE TABLE `prices` (
	`id` int NOT NULL,
	`price` decimal(15,2),
	CONSTRAINT `prices_id` PRIMARY KEY(`id`)
);

CREATE TABLE `totals` (
	`id` int NOT NULL,
	`price` decimal(15,2),
	CONSTRAINT `totals_id` PRIMARY KEY(`id`)
);
