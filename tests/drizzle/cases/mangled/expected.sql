CREATE TABLE `a` (
	`id` int NOT NULL,
	`size` enum('','m',''),
	`fine` enum('it''s','b'),
	CONSTRAINT `a_id` PRIMARY KEY(`id`),
	CONSTRAINT `no_semicolon` CHECK(`a`.`size` <> ')
);

CREATE INDEX `two` ON `a` (`(concat(`size``,` `fine`))`);
