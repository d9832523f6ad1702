CREATE TABLE `userAccounts` (
	`user_id` int AUTO_INCREMENT NOT NULL,
	`email_address` varchar(99) NOT NULL,
	`displayName` varchar(40),
	`parent_user_id` int,
	`url_path2` varchar(10),
	CONSTRAINT `userAccounts_user_id` PRIMARY KEY(`user_id`),
	CONSTRAINT `userAccounts_emailAddress_unique` UNIQUE(`email_address`)
);
--> statement-breakpoint
ALTER TABLE `userAccounts` ADD CONSTRAINT `userAccounts_parent_user_id_userAccounts_user_id_fk` FOREIGN KEY (`parent_user_id`) REFERENCES `userAccounts`(`user_id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `byName` ON `userAccounts` (`email_address`,`displayName`);--> statement-breakpoint
CREATE INDEX `low` ON `userAccounts` ((lower(`email_address`)));
