CREATE TABLE `m2m` (
	`a` int NOT NULL,
	`b` int NOT NULL,
	CONSTRAINT `m2m_a_b_pk` PRIMARY KEY(`a`,`b`)
);

CREATE TABLE `users` (
	`id` int AUTO_INCREMENT NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp(3) ON UPDATE CURRENT_TIMESTAMP,
	`email` varchar(255) NOT NULL,
	`nm` varchar(33) DEFAULT 'it''s',
	`batchStatus` enum('a','b') NOT NULL DEFAULT 'a',
	`balance` decimal(15,2) NOT NULL DEFAULT '0',
	`meta` json DEFAULT ('{"a":1,"b":"x"}'),
	`body` text DEFAULT ('z'),
	`ok` boolean DEFAULT true,
	`manager_id` int,
	`full` varchar(20) GENERATED ALWAYS AS (concat(a, 'b')) STORED,
	CONSTRAINT `users_id` PRIMARY KEY(`id`),
	CONSTRAINT `users_email_unique` UNIQUE(`email`),
	CONSTRAINT `users_nm_ok_unique` UNIQUE(`nm`,`ok`),
	CONSTRAINT `un` UNIQUE((lower(`email`))),
	CONSTRAINT `ck` CHECK(`users`.`balance` > 0)
);

ALTER TABLE `m2m` ADD CONSTRAINT `m2m_b_users_id_fk` FOREIGN KEY (`b`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `m2m` ADD CONSTRAINT `xx` FOREIGN KEY (`a`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `users` ADD CONSTRAINT `users_manager_id_users_id_fk` FOREIGN KEY (`manager_id`) REFERENCES `users`(`id`) ON DELETE set null ON UPDATE no action;
CREATE INDEX `em` ON `users` (`email`,`nm`);
CREATE ALGORITHM = undefined
SQL SECURITY definer
VIEW `v` AS (select id from users where name = 'x');
