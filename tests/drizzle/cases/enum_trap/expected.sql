CREATE TABLE `batches` (
	`id` int NOT NULL,
	`batchStatus` enum('open','done') NOT NULL,
	CONSTRAINT `batches_id` PRIMARY KEY(`id`)
);

CREATE TABLE `runs` (
	`id` int NOT NULL,
	`batchStatus` enum('open','done') NOT NULL,
	CONSTRAINT `runs_id` PRIMARY KEY(`id`)
);
