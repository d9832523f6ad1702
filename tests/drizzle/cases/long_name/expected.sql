CREATE TABLE `confirmation_lines` (
	`id` int NOT NULL,
	`confirmation_id` int,
	CONSTRAINT `confirmation_lines_id` PRIMARY KEY(`id`)
);

CREATE TABLE `purchase_order_confirmations` (
	`id` int NOT NULL,
	CONSTRAINT `purchase_order_confirmations_id` PRIMARY KEY(`id`)
);

ALTER TABLE `confirmation_lines` ADD CONSTRAINT `confirmation_lines_confirmation_id_purchase_order_confirmations_id_fk` FOREIGN KEY (`confirmation_id`) REFERENCES `purchase_order_confirmations`(`id`) ON DELETE no action ON UPDATE no action;
