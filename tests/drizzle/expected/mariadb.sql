CREATE TABLE `branches` (
	`id` int AUTO_INCREMENT NOT NULL,
	`company_id` int NOT NULL,
	`country_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`phone` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `branches_id` PRIMARY KEY(`id`),
	CONSTRAINT `branches_code_unique` UNIQUE(`code`),
	CONSTRAINT `branches_pair` UNIQUE(`company_id`,`country_id`,`id`)
);

CREATE TABLE `companies` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`tax_no` varchar(60),
	`founded_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `companies_id` PRIMARY KEY(`id`),
	CONSTRAINT `companies_code_uq` UNIQUE(`code`)
);

CREATE TABLE `countries` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`is_active` boolean NOT NULL DEFAULT false,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `countries_id` PRIMARY KEY(`id`),
	CONSTRAINT `countries_code_unique` UNIQUE(`code`)
);

CREATE TABLE `currencies` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`decimals` bigint unsigned NOT NULL DEFAULT 0,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `currencies_id` PRIMARY KEY(`id`),
	CONSTRAINT `currencies_code_unique` UNIQUE(`code`)
);

CREATE TABLE `languages` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `languages_id` PRIMARY KEY(`id`),
	CONSTRAINT `languages_code_unique` UNIQUE(`code`)
);

CREATE TABLE `permissions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`area` varchar(60) NOT NULL,
	`note` text DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `permissions_id` PRIMARY KEY(`id`),
	CONSTRAINT `permissions_code_unique` UNIQUE(`code`)
);

CREATE TABLE `role_permissions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`role_id` int NOT NULL,
	`permission_id` int NOT NULL,
	`is_active` boolean NOT NULL DEFAULT true,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `role_permissions_id` PRIMARY KEY(`id`)
);

CREATE TABLE `roles` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`note` text DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `roles_id` PRIMARY KEY(`id`),
	CONSTRAINT `roles_code_unique` UNIQUE(`code`)
);

CREATE TABLE `settings` (
	`id` int AUTO_INCREMENT NOT NULL,
	`company_id` int,
	`code` varchar(40) NOT NULL,
	`value` json NOT NULL DEFAULT ('{"a":[1,2.5,null],"b":"x"}'),
	`changed_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `settings_id` PRIMARY KEY(`id`),
	CONSTRAINT `settings_code_uq` UNIQUE(`code`)
);

CREATE TABLE `user_roles` (
	`id` int AUTO_INCREMENT NOT NULL,
	`user_id` int NOT NULL,
	`role_id` int NOT NULL,
	`granted_on` date NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `user_roles_id` PRIMARY KEY(`id`)
);

CREATE TABLE `users` (
	`id` int AUTO_INCREMENT NOT NULL,
	`branch_id` int,
	`login` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`email` varchar(160) NOT NULL,
	`is_active` boolean NOT NULL DEFAULT false,
	`last_seen_at` datetime,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `users_id` PRIMARY KEY(`id`),
	CONSTRAINT `users_login_unique` UNIQUE(`login`),
	CONSTRAINT `users_email_uq` UNIQUE(`email`)
);

CREATE TABLE `activities` (
	`id` int AUTO_INCREMENT NOT NULL,
	`opportunity_id` int,
	`user_id` int NOT NULL,
	`kind` varchar(60) NOT NULL,
	`due_on` date,
	`done_at` timestamp(0),
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `activities_id` PRIMARY KEY(`id`)
);

CREATE TABLE `call_logs` (
	`id` int AUTO_INCREMENT NOT NULL,
	`contact_id` int NOT NULL,
	`user_id` int NOT NULL,
	`started_at` datetime NOT NULL,
	`seconds` int NOT NULL DEFAULT 7,
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `call_logs_id` PRIMARY KEY(`id`)
);

CREATE TABLE `campaign_members` (
	`id` int AUTO_INCREMENT NOT NULL,
	`campaign_id` int NOT NULL,
	`contact_id` int NOT NULL,
	`joined_on` date NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `campaign_members_id` PRIMARY KEY(`id`),
	CONSTRAINT `campaign_members_pair` UNIQUE(`campaign_id`,`contact_id`,`id`)
);

CREATE TABLE `campaigns` (
	`id` int AUTO_INCREMENT NOT NULL,
	`segment_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`starts_on` date NOT NULL,
	`ends_on` date,
	`budget` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `campaigns_id` PRIMARY KEY(`id`),
	CONSTRAINT `campaigns_code_unique` UNIQUE(`code`),
	CONSTRAINT `ck_campaigns` CHECK(`campaigns`.`budget` >= 0)
);

CREATE TABLE `contact_tags` (
	`id` int AUTO_INCREMENT NOT NULL,
	`contact_id` int NOT NULL,
	`tag_id` int NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `contact_tags_id` PRIMARY KEY(`id`),
	CONSTRAINT `contact_tags_pair` UNIQUE(`contact_id`,`tag_id`,`id`)
);

CREATE TABLE `contacts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`country_id` int,
	`name` varchar(120) NOT NULL,
	`email` varchar(160),
	`phone` varchar(60),
	`birthday` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `contacts_id` PRIMARY KEY(`id`)
);

CREATE TABLE `leads` (
	`id` int AUTO_INCREMENT NOT NULL,
	`owner_id` int,
	`campaign_id` int,
	`name` varchar(120) NOT NULL,
	`email` varchar(160),
	`phone` varchar(60),
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`score` int unsigned NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `leads_id` PRIMARY KEY(`id`)
);

CREATE TABLE `notes` (
	`id` int AUTO_INCREMENT NOT NULL,
	`contact_id` int NOT NULL,
	`user_id` int NOT NULL,
	`body` mediumtext NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `notes_id` PRIMARY KEY(`id`)
);

CREATE TABLE `opportunities` (
	`id` int AUTO_INCREMENT NOT NULL,
	`lead_id` int NOT NULL,
	`pipeline_stage_id` int NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`amount` decimal(15,2) NOT NULL,
	`expected_on` date,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `opportunities_id` PRIMARY KEY(`id`),
	CONSTRAINT `opportunities_pair` UNIQUE(`lead_id`,`pipeline_stage_id`,`id`),
	CONSTRAINT `ck_opportunities` CHECK(`opportunities`.`amount` >= 0)
);

CREATE TABLE `pipeline_stages` (
	`id` int AUTO_INCREMENT NOT NULL,
	`pipeline_id` int NOT NULL,
	`position` int unsigned NOT NULL,
	`name` varchar(120) NOT NULL,
	`win_rate` decimal(7,4) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `pipeline_stages_id` PRIMARY KEY(`id`)
);

CREATE TABLE `pipelines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`is_active` boolean NOT NULL DEFAULT true,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `pipelines_id` PRIMARY KEY(`id`),
	CONSTRAINT `pipelines_code_uq` UNIQUE(`code`)
);

CREATE TABLE `segment_members` (
	`id` int AUTO_INCREMENT NOT NULL,
	`segment_id` int NOT NULL,
	`contact_id` int NOT NULL,
	`score` int unsigned NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `segment_members_id` PRIMARY KEY(`id`)
);

CREATE TABLE `segments` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`rule` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `segments_id` PRIMARY KEY(`id`),
	CONSTRAINT `segments_code_uq` UNIQUE(`code`)
);

CREATE TABLE `tags` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `tags_id` PRIMARY KEY(`id`),
	CONSTRAINT `tags_code_unique` UNIQUE(`code`)
);

CREATE TABLE `locations` (
	`id` int AUTO_INCREMENT NOT NULL,
	`warehouse_id` int NOT NULL,
	`parent_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`is_active` boolean NOT NULL DEFAULT true,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `locations_id` PRIMARY KEY(`id`),
	CONSTRAINT `locations_code_uq` UNIQUE(`code`)
);

CREATE TABLE `lots` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`made_on` date,
	`expires_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `lots_id` PRIMARY KEY(`id`),
	CONSTRAINT `lots_code_unique` UNIQUE(`code`)
);

CREATE TABLE `product_categories` (
	`id` int AUTO_INCREMENT NOT NULL,
	`parent_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `product_categories_id` PRIMARY KEY(`id`),
	CONSTRAINT `product_categories_code_unique` UNIQUE(`code`)
);

CREATE TABLE `product_images` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`url` json NOT NULL,
	`position` int NOT NULL DEFAULT 7,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `product_images_id` PRIMARY KEY(`id`)
);

CREATE TABLE `product_variants` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `product_variants_id` PRIMARY KEY(`id`),
	CONSTRAINT `product_variants_code_unique` UNIQUE(`code`),
	CONSTRAINT `ck_product_variants` CHECK(`product_variants`.`price` >= 0)
);

CREATE TABLE `products` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_category_id` int NOT NULL,
	`unit_id` int NOT NULL,
	`sku` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '12.50',
	`barcode` varchar(60),
	`weight` decimal(14,3),
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `products_id` PRIMARY KEY(`id`),
	CONSTRAINT `products_sku_unique` UNIQUE(`sku`),
	CONSTRAINT `ck_products` CHECK(`products`.`price` >= 0)
);

CREATE TABLE `reservations` (
	`id` int AUTO_INCREMENT NOT NULL,
	`stock_level_id` int NOT NULL,
	`quantity` float NOT NULL,
	`until` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `reservations_id` PRIMARY KEY(`id`)
);

CREATE TABLE `serial_numbers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`lot_id` int,
	`code` varchar(40) NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `serial_numbers_id` PRIMARY KEY(`id`),
	CONSTRAINT `serial_numbers_code_uq` UNIQUE(`code`)
);

CREATE TABLE `stock_count_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`stock_count_id` int NOT NULL,
	`product_id` int NOT NULL,
	`quantity` float NOT NULL,
	`difference` decimal(14,3),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `stock_count_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `stock_count_lines_pair` UNIQUE(`stock_count_id`,`product_id`,`id`)
);

CREATE TABLE `stock_counts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`warehouse_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`counted_on` date NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `stock_counts_id` PRIMARY KEY(`id`),
	CONSTRAINT `stock_counts_code_unique` UNIQUE(`code`)
);

CREATE TABLE `stock_levels` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`location_id` int NOT NULL,
	`quantity` float NOT NULL,
	`reserved` decimal(14,3) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `stock_levels_id` PRIMARY KEY(`id`),
	CONSTRAINT `stock_levels_pair` UNIQUE(`product_id`,`location_id`,`id`)
);

CREATE TABLE `stock_moves` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`from_id` int NOT NULL,
	`to_id` int NOT NULL,
	`quantity` float NOT NULL,
	`moved_at` timestamp(0) NOT NULL,
	`reason` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `stock_moves_id` PRIMARY KEY(`id`)
);

CREATE TABLE `units` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`factor` decimal(7,4) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `units_id` PRIMARY KEY(`id`),
	CONSTRAINT `units_code_uq` UNIQUE(`code`)
);

CREATE TABLE `warehouses` (
	`id` int AUTO_INCREMENT NOT NULL,
	`branch_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `warehouses_id` PRIMARY KEY(`id`),
	CONSTRAINT `warehouses_code_unique` UNIQUE(`code`)
);

CREATE TABLE `attendance` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`came_at` datetime(3) NOT NULL,
	`went_at` datetime(3),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `attendance_id` PRIMARY KEY(`id`)
);

CREATE TABLE `contracts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`starts_on` date NOT NULL,
	`ends_on` date,
	`hours` float NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `contracts_id` PRIMARY KEY(`id`)
);

CREATE TABLE `departments` (
	`id` int AUTO_INCREMENT NOT NULL,
	`company_id` int NOT NULL,
	`manager_id` int,
	`parent_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `departments_id` PRIMARY KEY(`id`),
	CONSTRAINT `departments_code_unique` UNIQUE(`code`)
);

CREATE TABLE `employee_skills` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`skill_id` int NOT NULL,
	`level` bigint unsigned NOT NULL DEFAULT 0,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `employee_skills_id` PRIMARY KEY(`id`)
);

CREATE TABLE `employees` (
	`id` int AUTO_INCREMENT NOT NULL,
	`department_id` int NOT NULL,
	`position_id` int NOT NULL,
	`user_id` int,
	`no` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`email` varchar(160),
	`hired_on` date NOT NULL,
	`left_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `employees_id` PRIMARY KEY(`id`),
	CONSTRAINT `employees_no_uq` UNIQUE(`no`)
);

CREATE TABLE `expense_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`expense_report_id` int NOT NULL,
	`amount` decimal(15,2) NOT NULL DEFAULT '12.50',
	`spent_on` date NOT NULL,
	`text` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `expense_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_expense_lines` CHECK(`expense_lines`.`amount` >= 0)
);

CREATE TABLE `expense_reports` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`total` decimal(15,2) NOT NULL DEFAULT '0',
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `expense_reports_id` PRIMARY KEY(`id`),
	CONSTRAINT `expense_reports_code_unique` UNIQUE(`code`),
	CONSTRAINT `ck_expense_reports` CHECK(`expense_reports`.`total` >= 0)
);

CREATE TABLE `leave_requests` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`leave_type_id` int NOT NULL,
	`from_on` date NOT NULL,
	`to_on` date NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`note` text DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `leave_requests_id` PRIMARY KEY(`id`),
	CONSTRAINT `leave_requests_pair` UNIQUE(`employee_id`,`leave_type_id`,`id`)
);

CREATE TABLE `leave_types` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`days` int NOT NULL DEFAULT 7,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `leave_types_id` PRIMARY KEY(`id`),
	CONSTRAINT `leave_types_code_uq` UNIQUE(`code`)
);

CREATE TABLE `positions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`grade` bigint unsigned NOT NULL DEFAULT 0,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `positions_id` PRIMARY KEY(`id`),
	CONSTRAINT `positions_code_uq` UNIQUE(`code`)
);

CREATE TABLE `salaries` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`currency_id` int NOT NULL,
	`amount` decimal(15,2) NOT NULL DEFAULT '0',
	`from_on` date NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `salaries_id` PRIMARY KEY(`id`),
	CONSTRAINT `salaries_pair` UNIQUE(`employee_id`,`currency_id`,`id`),
	CONSTRAINT `ck_salaries` CHECK(`salaries`.`amount` >= 0)
);

CREATE TABLE `skills` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `skills_id` PRIMARY KEY(`id`),
	CONSTRAINT `skills_code_uq` UNIQUE(`code`)
);

CREATE TABLE `training_attendances` (
	`id` int AUTO_INCREMENT NOT NULL,
	`training_id` int NOT NULL,
	`employee_id` int NOT NULL,
	`passed` boolean NOT NULL DEFAULT true,
	`grade` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `training_attendances_id` PRIMARY KEY(`id`),
	CONSTRAINT `training_attendances_pair` UNIQUE(`training_id`,`employee_id`,`id`)
);

CREATE TABLE `trainings` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`cost` decimal(15,2) NOT NULL,
	`held_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `trainings_id` PRIMARY KEY(`id`),
	CONSTRAINT `trainings_code_unique` UNIQUE(`code`),
	CONSTRAINT `ck_trainings` CHECK(`trainings`.`cost` >= 0)
);

CREATE TABLE `commissions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`order_id` int NOT NULL,
	`employee_id` int NOT NULL,
	`rate` decimal(7,4) NOT NULL,
	`amount` decimal(15,2) NOT NULL DEFAULT '12.50',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `commissions_id` PRIMARY KEY(`id`),
	CONSTRAINT `commissions_pair` UNIQUE(`order_id`,`employee_id`,`id`),
	CONSTRAINT `ck_commissions` CHECK(`commissions`.`amount` >= 0)
);

CREATE TABLE `customer_addresses` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int NOT NULL,
	`country_id` int NOT NULL,
	`street` varchar(120) NOT NULL,
	`city` varchar(120) NOT NULL,
	`zip` varchar(60) NOT NULL,
	`kind` varchar(60) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `customer_addresses_id` PRIMARY KEY(`id`),
	CONSTRAINT `customer_addresses_pair` UNIQUE(`customer_id`,`country_id`,`id`)
);

CREATE TABLE `customers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`country_id` int,
	`price_list_id` int,
	`sales_team_id` int,
	`no` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`email` varchar(160),
	`phone` varchar(60),
	`credit` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `customers_id` PRIMARY KEY(`id`),
	CONSTRAINT `customers_no_uq` UNIQUE(`no`),
	CONSTRAINT `ck_customers` CHECK(`customers`.`credit` >= 0)
);

CREATE TABLE `discounts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`price_list_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`rate` decimal(7,4) NOT NULL,
	`from_on` date,
	`to_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `discounts_id` PRIMARY KEY(`id`),
	CONSTRAINT `discounts_code_unique` UNIQUE(`code`)
);

CREATE TABLE `order_events` (
	`id` int AUTO_INCREMENT NOT NULL,
	`order_id` int NOT NULL,
	`user_id` int,
	`kind` varchar(60) NOT NULL,
	`happened_at` timestamp(0) NOT NULL,
	`note` text DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `order_events_id` PRIMARY KEY(`id`)
);

CREATE TABLE `order_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`order_id` int NOT NULL,
	`product_id` int NOT NULL,
	`position` int unsigned NOT NULL,
	`quantity` decimal(14,3) NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `order_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_order_lines` CHECK(`order_lines`.`price` >= 0)
);

CREATE TABLE `orders` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int NOT NULL,
	`quote_id` int,
	`branch_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`ordered_on` date NOT NULL,
	`total` decimal(15,2) NOT NULL DEFAULT '12.50',
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `orders_id` PRIMARY KEY(`id`),
	CONSTRAINT `orders_no_uq` UNIQUE(`no`),
	CONSTRAINT `orders_u` UNIQUE(`no`,`created_at`),
	CONSTRAINT `ck_orders` CHECK(`orders`.`total` >= 0)
);

CREATE TABLE `price_list_items` (
	`id` int AUTO_INCREMENT NOT NULL,
	`price_list_id` int NOT NULL,
	`product_id` int NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '12.50',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `price_list_items_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_price_list_items` CHECK(`price_list_items`.`price` >= 0)
);

CREATE TABLE `price_lists` (
	`id` int AUTO_INCREMENT NOT NULL,
	`currency_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`from_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `price_lists_id` PRIMARY KEY(`id`),
	CONSTRAINT `price_lists_code_unique` UNIQUE(`code`)
);

CREATE TABLE `promotions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`rate` decimal(7,4) NOT NULL,
	`is_active` boolean NOT NULL DEFAULT true,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `promotions_id` PRIMARY KEY(`id`),
	CONSTRAINT `promotions_code_unique` UNIQUE(`code`)
);

CREATE TABLE `quote_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`quote_id` int NOT NULL,
	`product_id` int NOT NULL,
	`position` bigint unsigned NOT NULL DEFAULT 0,
	`quantity` decimal(14,3) NOT NULL,
	`price` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `quote_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_quote_lines` CHECK(`quote_lines`.`price` >= 0)
);

CREATE TABLE `quotes` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`quoted_on` date NOT NULL,
	`total` decimal(15,2) NOT NULL DEFAULT '0',
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `quotes_id` PRIMARY KEY(`id`),
	CONSTRAINT `quotes_no_unique` UNIQUE(`no`),
	CONSTRAINT `ck_quotes` CHECK(`quotes`.`total` >= 0)
);

CREATE TABLE `returns` (
	`id` int AUTO_INCREMENT NOT NULL,
	`order_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`returned_on` date NOT NULL,
	`reason` text DEFAULT (''),
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `returns_id` PRIMARY KEY(`id`),
	CONSTRAINT `returns_no_unique` UNIQUE(`no`)
);

CREATE TABLE `sales_teams` (
	`id` int AUTO_INCREMENT NOT NULL,
	`lead_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `sales_teams_id` PRIMARY KEY(`id`),
	CONSTRAINT `sales_teams_code_unique` UNIQUE(`code`)
);

CREATE TABLE `purchase_order_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`purchase_order_id` int NOT NULL,
	`product_id` int NOT NULL,
	`position` bigint unsigned NOT NULL DEFAULT 0,
	`quantity` decimal(14,3) NOT NULL,
	`price` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `purchase_order_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_purchase_order_lines` CHECK(`purchase_order_lines`.`price` >= 0)
);

CREATE TABLE `purchase_orders` (
	`id` int AUTO_INCREMENT NOT NULL,
	`supplier_id` int NOT NULL,
	`requisition_id` int,
	`no` varchar(40) NOT NULL,
	`ordered_on` date NOT NULL,
	`total` decimal(15,2) NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `purchase_orders_id` PRIMARY KEY(`id`),
	CONSTRAINT `purchase_orders_no_uq` UNIQUE(`no`),
	CONSTRAINT `ck_purchase_orders` CHECK(`purchase_orders`.`total` >= 0)
);

CREATE TABLE `receipt_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`receipt_id` int NOT NULL,
	`product_id` int NOT NULL,
	`lot_id` int,
	`quantity` decimal(14,3) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `receipt_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `receipt_lines_pair` UNIQUE(`receipt_id`,`product_id`,`id`)
);

CREATE TABLE `receipts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`purchase_order_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`received_on` date NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `receipts_id` PRIMARY KEY(`id`),
	CONSTRAINT `receipts_no_unique` UNIQUE(`no`)
);

CREATE TABLE `requisition_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`requisition_id` int NOT NULL,
	`product_id` int NOT NULL,
	`quantity` float NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `requisition_lines_id` PRIMARY KEY(`id`)
);

CREATE TABLE `requisitions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`needed_on` date,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `requisitions_id` PRIMARY KEY(`id`),
	CONSTRAINT `requisitions_no_unique` UNIQUE(`no`)
);

CREATE TABLE `supplier_contacts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`supplier_id` int NOT NULL,
	`name` varchar(120) NOT NULL,
	`email` varchar(160),
	`phone` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `supplier_contacts_id` PRIMARY KEY(`id`)
);

CREATE TABLE `supplier_invoice_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`supplier_invoice_id` int NOT NULL,
	`product_id` int,
	`text` varchar(60),
	`amount` decimal(15,2) NOT NULL DEFAULT '12.50',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `supplier_invoice_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_supplier_invoice_lines` CHECK(`supplier_invoice_lines`.`amount` >= 0)
);

CREATE TABLE `supplier_invoices` (
	`id` int AUTO_INCREMENT NOT NULL,
	`supplier_id` int NOT NULL,
	`purchase_order_id` int,
	`no` varchar(40) NOT NULL,
	`total` decimal(15,2) NOT NULL DEFAULT '12.50',
	`due_on` date,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `supplier_invoices_id` PRIMARY KEY(`id`),
	CONSTRAINT `supplier_invoices_no_uq` UNIQUE(`no`),
	CONSTRAINT `ck_supplier_invoices` CHECK(`supplier_invoices`.`total` >= 0)
);

CREATE TABLE `supplier_products` (
	`id` int AUTO_INCREMENT NOT NULL,
	`supplier_id` int NOT NULL,
	`product_id` int NOT NULL,
	`code` varchar(60) NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '12.50',
	`days` int NOT NULL DEFAULT 7,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `supplier_products_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_supplier_products` CHECK(`supplier_products`.`price` >= 0)
);

CREATE TABLE `supplier_ratings` (
	`id` int AUTO_INCREMENT NOT NULL,
	`supplier_id` int NOT NULL,
	`user_id` int NOT NULL,
	`rated_on` date NOT NULL,
	`points` int unsigned NOT NULL,
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `supplier_ratings_id` PRIMARY KEY(`id`)
);

CREATE TABLE `suppliers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`country_id` int,
	`no` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`email` varchar(160),
	`rating` int NOT NULL DEFAULT 7,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `suppliers_id` PRIMARY KEY(`id`),
	CONSTRAINT `suppliers_no_unique` UNIQUE(`no`)
);

CREATE TABLE `account_types` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`side` varchar(60) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `account_types_id` PRIMARY KEY(`id`),
	CONSTRAINT `account_types_code_unique` UNIQUE(`code`)
);

CREATE TABLE `accounts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`account_type_id` int NOT NULL,
	`parent_id` int,
	`currency_id` int,
	`no` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `accounts_id` PRIMARY KEY(`id`),
	CONSTRAINT `accounts_no_unique` UNIQUE(`no`)
);

CREATE TABLE `bank_accounts` (
	`id` int AUTO_INCREMENT NOT NULL,
	`company_id` int NOT NULL,
	`currency_id` int NOT NULL,
	`iban` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `bank_accounts_id` PRIMARY KEY(`id`),
	CONSTRAINT `bank_accounts_iban_unique` UNIQUE(`iban`)
);

CREATE TABLE `bank_statement_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`bank_statement_id` int NOT NULL,
	`booked_on` date NOT NULL,
	`amount` decimal(15,2) NOT NULL,
	`text` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `bank_statement_lines_id` PRIMARY KEY(`id`)
);

CREATE TABLE `bank_statements` (
	`id` int AUTO_INCREMENT NOT NULL,
	`bank_account_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`from_on` date NOT NULL,
	`balance` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `bank_statements_id` PRIMARY KEY(`id`),
	CONSTRAINT `bank_statements_no_unique` UNIQUE(`no`),
	CONSTRAINT `ck_bank_statements` CHECK(`bank_statements`.`balance` >= 0)
);

CREATE TABLE `budget_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`budget_id` int NOT NULL,
	`account_id` int NOT NULL,
	`amount` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `budget_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_budget_lines` CHECK(`budget_lines`.`amount` >= 0)
);

CREATE TABLE `budgets` (
	`id` int AUTO_INCREMENT NOT NULL,
	`fiscal_year_id` int NOT NULL,
	`department_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`total` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `budgets_id` PRIMARY KEY(`id`),
	CONSTRAINT `budgets_code_uq` UNIQUE(`code`),
	CONSTRAINT `ck_budgets` CHECK(`budgets`.`total` >= 0)
);

CREATE TABLE `fiscal_periods` (
	`id` int AUTO_INCREMENT NOT NULL,
	`fiscal_year_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`starts_on` date NOT NULL,
	`ends_on` date NOT NULL,
	`is_open` boolean NOT NULL DEFAULT true,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `fiscal_periods_id` PRIMARY KEY(`id`),
	CONSTRAINT `fiscal_periods_code_unique` UNIQUE(`code`)
);

CREATE TABLE `fiscal_years` (
	`id` int AUTO_INCREMENT NOT NULL,
	`company_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`starts_on` date NOT NULL,
	`ends_on` date NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `fiscal_years_id` PRIMARY KEY(`id`),
	CONSTRAINT `fiscal_years_code_unique` UNIQUE(`code`)
);

CREATE TABLE `journal_entries` (
	`id` int AUTO_INCREMENT NOT NULL,
	`journal_id` int NOT NULL,
	`fiscal_period_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`booked_on` date NOT NULL,
	`memo` varchar(60),
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `journal_entries_id` PRIMARY KEY(`id`),
	CONSTRAINT `journal_entries_no_unique` UNIQUE(`no`)
);

CREATE TABLE `journal_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`journal_entry_id` int NOT NULL,
	`account_id` int NOT NULL,
	`debit` decimal(15,2) NOT NULL DEFAULT '12.50',
	`credit` decimal(15,2) NOT NULL DEFAULT '12.50',
	`memo` json,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `journal_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_journal_lines` CHECK(`journal_lines`.`debit` >= 0)
);

CREATE TABLE `journals` (
	`id` int AUTO_INCREMENT NOT NULL,
	`account_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `journals_id` PRIMARY KEY(`id`),
	CONSTRAINT `journals_code_uq` UNIQUE(`code`)
);

CREATE TABLE `payment_terms` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`days` int unsigned NOT NULL,
	`discount` decimal(7,4),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `payment_terms_id` PRIMARY KEY(`id`),
	CONSTRAINT `payment_terms_code_uq` UNIQUE(`code`)
);

CREATE TABLE `payments` (
	`id` int AUTO_INCREMENT NOT NULL,
	`bank_account_id` int NOT NULL,
	`customer_id` int,
	`supplier_id` int,
	`no` varchar(40) NOT NULL,
	`paid_on` date NOT NULL,
	`amount` decimal(15,2) NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `payments_id` PRIMARY KEY(`id`),
	CONSTRAINT `payments_no_unique` UNIQUE(`no`)
);

CREATE TABLE `tax_groups` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `tax_groups_id` PRIMARY KEY(`id`),
	CONSTRAINT `tax_groups_code_unique` UNIQUE(`code`)
);

CREATE TABLE `taxes` (
	`id` int AUTO_INCREMENT NOT NULL,
	`tax_group_id` int NOT NULL,
	`account_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`rate` decimal(7,4) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `taxes_id` PRIMARY KEY(`id`),
	CONSTRAINT `taxes_code_uq` UNIQUE(`code`)
);

CREATE TABLE `credit_note_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`credit_note_id` int NOT NULL,
	`product_id` int,
	`quantity` decimal(14,3) NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `credit_note_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_credit_note_lines` CHECK(`credit_note_lines`.`price` >= 0)
);

CREATE TABLE `credit_notes` (
	`id` int AUTO_INCREMENT NOT NULL,
	`invoice_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`credited_on` date NOT NULL,
	`total` decimal(15,2) NOT NULL DEFAULT '0',
	`reason` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `credit_notes_id` PRIMARY KEY(`id`),
	CONSTRAINT `credit_notes_no_unique` UNIQUE(`no`),
	CONSTRAINT `ck_credit_notes` CHECK(`credit_notes`.`total` >= 0)
);

CREATE TABLE `dunning_levels` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`days` bigint unsigned NOT NULL DEFAULT 0,
	`fee` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `dunning_levels_id` PRIMARY KEY(`id`),
	CONSTRAINT `dunning_levels_code_uq` UNIQUE(`code`),
	CONSTRAINT `ck_dunning_levels` CHECK(`dunning_levels`.`fee` >= 0)
);

CREATE TABLE `dunnings` (
	`id` int AUTO_INCREMENT NOT NULL,
	`invoice_id` int NOT NULL,
	`dunning_level_id` int NOT NULL,
	`sent_on` date NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `dunnings_id` PRIMARY KEY(`id`),
	CONSTRAINT `dunnings_pair` UNIQUE(`invoice_id`,`dunning_level_id`,`id`)
);

CREATE TABLE `invoice_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`invoice_id` int NOT NULL,
	`product_id` int,
	`tax_id` int,
	`position` int NOT NULL DEFAULT 7,
	`quantity` decimal(14,3) NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '12.50',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `invoice_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_invoice_lines` CHECK(`invoice_lines`.`price` >= 0)
);

CREATE TABLE `invoices` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int NOT NULL,
	`order_id` int,
	`payment_term_id` int,
	`no` varchar(40) NOT NULL,
	`invoiced_on` date NOT NULL,
	`due_on` date,
	`total` decimal(15,2) NOT NULL DEFAULT '0',
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `invoices_id` PRIMARY KEY(`id`),
	CONSTRAINT `invoices_no_unique` UNIQUE(`no`),
	CONSTRAINT `ck_invoices` CHECK(`invoices`.`total` >= 0)
);

CREATE TABLE `receivables` (
	`id` int AUTO_INCREMENT NOT NULL,
	`invoice_id` int NOT NULL,
	`account_id` int NOT NULL,
	`amount` decimal(15,2) NOT NULL DEFAULT '0',
	`due_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `receivables_id` PRIMARY KEY(`id`),
	CONSTRAINT `receivables_pair` UNIQUE(`invoice_id`,`account_id`,`id`),
	CONSTRAINT `ck_receivables` CHECK(`receivables`.`amount` >= 0)
);

CREATE TABLE `subscription_events` (
	`id` int AUTO_INCREMENT NOT NULL,
	`subscription_id` int NOT NULL,
	`kind` varchar(60) NOT NULL,
	`happened_at` datetime NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `subscription_events_id` PRIMARY KEY(`id`)
);

CREATE TABLE `subscription_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`subscription_id` int NOT NULL,
	`product_id` int NOT NULL,
	`quantity` float NOT NULL,
	`price` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `subscription_lines_id` PRIMARY KEY(`id`),
	CONSTRAINT `subscription_lines_pair` UNIQUE(`subscription_id`,`product_id`,`id`),
	CONSTRAINT `ck_subscription_lines` CHECK(`subscription_lines`.`price` >= 0)
);

CREATE TABLE `subscriptions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int NOT NULL,
	`price_list_id` int,
	`no` varchar(40) NOT NULL,
	`starts_on` date NOT NULL,
	`ends_on` date,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `subscriptions_id` PRIMARY KEY(`id`),
	CONSTRAINT `subscriptions_no_uq` UNIQUE(`no`)
);

CREATE TABLE `carriers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`phone` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `carriers_id` PRIMARY KEY(`id`),
	CONSTRAINT `carriers_code_uq` UNIQUE(`code`)
);

CREATE TABLE `drivers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int,
	`carrier_id` int,
	`licence` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `drivers_id` PRIMARY KEY(`id`),
	CONSTRAINT `drivers_licence_unique` UNIQUE(`licence`)
);

CREATE TABLE `route_stops` (
	`id` int AUTO_INCREMENT NOT NULL,
	`route_id` int NOT NULL,
	`customer_address_id` int,
	`position` int NOT NULL DEFAULT 7,
	`planned_at` datetime,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `route_stops_id` PRIMARY KEY(`id`)
);

CREATE TABLE `routes` (
	`id` int AUTO_INCREMENT NOT NULL,
	`vehicle_id` int,
	`driver_id` int,
	`code` varchar(40) NOT NULL,
	`driven_on` date NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `routes_id` PRIMARY KEY(`id`),
	CONSTRAINT `routes_code_unique` UNIQUE(`code`)
);

CREATE TABLE `shipment_events` (
	`id` int AUTO_INCREMENT NOT NULL,
	`shipment_id` int NOT NULL,
	`kind` varchar(60) NOT NULL,
	`happened_at` datetime NOT NULL,
	`place` varchar(120),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `shipment_events_id` PRIMARY KEY(`id`)
);

CREATE TABLE `shipment_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`shipment_id` int NOT NULL,
	`product_id` int NOT NULL,
	`quantity` float NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `shipment_lines_id` PRIMARY KEY(`id`)
);

CREATE TABLE `shipments` (
	`id` int AUTO_INCREMENT NOT NULL,
	`order_id` int NOT NULL,
	`carrier_id` int NOT NULL,
	`route_id` int,
	`no` varchar(40) NOT NULL,
	`shipped_on` date,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `shipments_id` PRIMARY KEY(`id`),
	CONSTRAINT `shipments_no_uq` UNIQUE(`no`)
);

CREATE TABLE `vehicles` (
	`id` int AUTO_INCREMENT NOT NULL,
	`carrier_id` int,
	`plate` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`capacity` decimal(14,3) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `vehicles_id` PRIMARY KEY(`id`),
	CONSTRAINT `vehicles_plate_unique` UNIQUE(`plate`)
);

CREATE TABLE `article_versions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`knowledge_article_id` int NOT NULL,
	`number` int unsigned NOT NULL,
	`body` text NOT NULL DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `article_versions_id` PRIMARY KEY(`id`)
);

CREATE TABLE `feedback` (
	`id` int AUTO_INCREMENT NOT NULL,
	`ticket_id` int NOT NULL,
	`points` int NOT NULL DEFAULT 7,
	`note` text DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `feedback_id` PRIMARY KEY(`id`)
);

CREATE TABLE `knowledge_articles` (
	`id` int AUTO_INCREMENT NOT NULL,
	`ticket_category_id` int,
	`code` varchar(40) NOT NULL,
	`title` varchar(120) NOT NULL DEFAULT 'it''s',
	`body` mediumtext NOT NULL,
	`is_active` boolean NOT NULL DEFAULT false,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `knowledge_articles_id` PRIMARY KEY(`id`),
	CONSTRAINT `knowledge_articles_code_uq` UNIQUE(`code`)
);

CREATE TABLE `service_levels` (
	`id` int AUTO_INCREMENT NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`hours` int unsigned NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `service_levels_id` PRIMARY KEY(`id`),
	CONSTRAINT `service_levels_code_unique` UNIQUE(`code`)
);

CREATE TABLE `ticket_categories` (
	`id` int AUTO_INCREMENT NOT NULL,
	`parent_id` int,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `ticket_categories_id` PRIMARY KEY(`id`),
	CONSTRAINT `ticket_categories_code_uq` UNIQUE(`code`)
);

CREATE TABLE `ticket_messages` (
	`id` int AUTO_INCREMENT NOT NULL,
	`ticket_id` int NOT NULL,
	`user_id` int,
	`body` text NOT NULL DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `ticket_messages_id` PRIMARY KEY(`id`)
);

CREATE TABLE `tickets` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int NOT NULL,
	`ticket_category_id` int,
	`service_level_id` int,
	`owner_id` int,
	`no` varchar(40) NOT NULL,
	`title` varchar(120) NOT NULL DEFAULT 'it''s',
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`closed_at` timestamp(0),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `tickets_id` PRIMARY KEY(`id`),
	CONSTRAINT `tickets_no_uq` UNIQUE(`no`)
);

CREATE TABLE `audit_events` (
	`id` int AUTO_INCREMENT NOT NULL,
	`user_id` int,
	`area` varchar(60) NOT NULL,
	`row_no` bigint unsigned NOT NULL DEFAULT 0,
	`happened_at` timestamp(0) NOT NULL,
	`detail` text DEFAULT (''),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `audit_events_id` PRIMARY KEY(`id`)
);

CREATE TABLE `document_links` (
	`id` int AUTO_INCREMENT NOT NULL,
	`document_id` int NOT NULL,
	`area` varchar(60) NOT NULL,
	`row_no` int unsigned NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `document_links_id` PRIMARY KEY(`id`)
);

CREATE TABLE `document_versions` (
	`id` int AUTO_INCREMENT NOT NULL,
	`document_id` int NOT NULL,
	`number` int unsigned NOT NULL,
	`url` json NOT NULL DEFAULT ('{"a":[1,2.5,null],"b":"x"}'),
	`size` int unsigned NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `document_versions_id` PRIMARY KEY(`id`)
);

CREATE TABLE `documents` (
	`id` int AUTO_INCREMENT NOT NULL,
	`user_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`title` varchar(120) NOT NULL DEFAULT 'it''s',
	`kind` varchar(60) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `documents_id` PRIMARY KEY(`id`),
	CONSTRAINT `documents_code_unique` UNIQUE(`code`)
);

CREATE TABLE `bom_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`bom_id` int NOT NULL,
	`product_id` int NOT NULL,
	`quantity` float NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `bom_lines_id` PRIMARY KEY(`id`)
);

CREATE TABLE `boms` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`version` bigint unsigned NOT NULL DEFAULT 0,
	`is_active` boolean NOT NULL DEFAULT true,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `boms_id` PRIMARY KEY(`id`),
	CONSTRAINT `boms_code_uq` UNIQUE(`code`)
);

CREATE TABLE `machine_states` (
	`id` int AUTO_INCREMENT NOT NULL,
	`machine_id` int NOT NULL,
	`state` varchar(60) NOT NULL,
	`since` datetime(3) NOT NULL,
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `machine_states_id` PRIMARY KEY(`id`)
);

CREATE TABLE `machines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`work_center_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`bought_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `machines_id` PRIMARY KEY(`id`),
	CONSTRAINT `machines_code_unique` UNIQUE(`code`)
);

CREATE TABLE `production_order_lines` (
	`id` int AUTO_INCREMENT NOT NULL,
	`production_order_id` int NOT NULL,
	`routing_step_id` int NOT NULL,
	`done` decimal(14,3) NOT NULL,
	`minutes` bigint unsigned DEFAULT 0,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `production_order_lines_id` PRIMARY KEY(`id`)
);

CREATE TABLE `production_orders` (
	`id` int AUTO_INCREMENT NOT NULL,
	`bom_id` int NOT NULL,
	`no` varchar(40) NOT NULL,
	`planned_on` date NOT NULL,
	`quantity` decimal(14,3) NOT NULL,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `production_orders_id` PRIMARY KEY(`id`),
	CONSTRAINT `production_orders_no_unique` UNIQUE(`no`)
);

CREATE TABLE `quality_checks` (
	`id` int AUTO_INCREMENT NOT NULL,
	`product_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`limit_low` decimal(14,3),
	`limit_high` float,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `quality_checks_id` PRIMARY KEY(`id`),
	CONSTRAINT `quality_checks_code_unique` UNIQUE(`code`)
);

CREATE TABLE `quality_results` (
	`id` int AUTO_INCREMENT NOT NULL,
	`quality_check_id` int NOT NULL,
	`production_order_id` int NOT NULL,
	`value` float NOT NULL,
	`passed` boolean NOT NULL DEFAULT false,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `quality_results_id` PRIMARY KEY(`id`),
	CONSTRAINT `quality_results_pair` UNIQUE(`quality_check_id`,`production_order_id`,`id`)
);

CREATE TABLE `routing_steps` (
	`id` int AUTO_INCREMENT NOT NULL,
	`routing_id` int NOT NULL,
	`work_center_id` int NOT NULL,
	`position` int NOT NULL DEFAULT 7,
	`minutes` int NOT NULL DEFAULT 7,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `routing_steps_id` PRIMARY KEY(`id`),
	CONSTRAINT `routing_steps_pair` UNIQUE(`routing_id`,`work_center_id`,`id`)
);

CREATE TABLE `routings` (
	`id` int AUTO_INCREMENT NOT NULL,
	`bom_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `routings_id` PRIMARY KEY(`id`),
	CONSTRAINT `routings_code_unique` UNIQUE(`code`)
);

CREATE TABLE `scrap_records` (
	`id` int AUTO_INCREMENT NOT NULL,
	`production_order_id` int NOT NULL,
	`product_id` int NOT NULL,
	`quantity` float NOT NULL,
	`reason` varchar(60),
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `scrap_records_id` PRIMARY KEY(`id`),
	CONSTRAINT `scrap_records_pair` UNIQUE(`production_order_id`,`product_id`,`id`)
);

CREATE TABLE `work_centers` (
	`id` int AUTO_INCREMENT NOT NULL,
	`warehouse_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`rate` decimal(15,2) NOT NULL DEFAULT '0',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `work_centers_id` PRIMARY KEY(`id`),
	CONSTRAINT `work_centers_code_unique` UNIQUE(`code`),
	CONSTRAINT `ck_work_centers` CHECK(`work_centers`.`rate` >= 0)
);

CREATE TABLE `issues` (
	`id` int AUTO_INCREMENT NOT NULL,
	`project_id` int NOT NULL,
	`task_id` int,
	`title` varchar(120) NOT NULL DEFAULT 'it''s',
	`body` mediumtext,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `issues_id` PRIMARY KEY(`id`)
);

CREATE TABLE `milestones` (
	`id` int AUTO_INCREMENT NOT NULL,
	`project_id` int NOT NULL,
	`name` varchar(120) NOT NULL DEFAULT 'it''s',
	`due_on` date NOT NULL,
	`done_on` date,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `milestones_id` PRIMARY KEY(`id`)
);

CREATE TABLE `project_budgets` (
	`id` int AUTO_INCREMENT NOT NULL,
	`project_id` int NOT NULL,
	`account_id` int,
	`amount` decimal(15,2) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `project_budgets_id` PRIMARY KEY(`id`),
	CONSTRAINT `ck_project_budgets` CHECK(`project_budgets`.`amount` >= 0)
);

CREATE TABLE `project_members` (
	`id` int AUTO_INCREMENT NOT NULL,
	`project_id` int NOT NULL,
	`employee_id` int NOT NULL,
	`share` decimal(7,4) NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `project_members_id` PRIMARY KEY(`id`)
);

CREATE TABLE `projects` (
	`id` int AUTO_INCREMENT NOT NULL,
	`customer_id` int,
	`leader_id` int NOT NULL,
	`code` varchar(40) NOT NULL,
	`name` varchar(120) NOT NULL,
	`starts_on` date NOT NULL,
	`ends_on` date,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `projects_id` PRIMARY KEY(`id`),
	CONSTRAINT `projects_code_unique` UNIQUE(`code`)
);

CREATE TABLE `risks` (
	`id` int AUTO_INCREMENT NOT NULL,
	`project_id` int NOT NULL,
	`title` varchar(120) NOT NULL,
	`weight` int unsigned NOT NULL,
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `risks_id` PRIMARY KEY(`id`)
);

CREATE TABLE `task_dependencies` (
	`id` int AUTO_INCREMENT NOT NULL,
	`task_id` int NOT NULL,
	`needed_id` int NOT NULL,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `task_dependencies_id` PRIMARY KEY(`id`),
	CONSTRAINT `task_dependencies_pair` UNIQUE(`task_id`,`needed_id`,`id`)
);

CREATE TABLE `tasks` (
	`id` int AUTO_INCREMENT NOT NULL,
	`project_id` int NOT NULL,
	`milestone_id` int,
	`parent_id` int,
	`employee_id` int,
	`title` varchar(120) NOT NULL DEFAULT 'it''s',
	`hours` float,
	`status` enum('draft','open','done','void') NOT NULL DEFAULT 'draft',
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `tasks_id` PRIMARY KEY(`id`)
);

CREATE TABLE `timesheets` (
	`id` int AUTO_INCREMENT NOT NULL,
	`employee_id` int NOT NULL,
	`task_id` int NOT NULL,
	`worked_on` date NOT NULL,
	`hours` decimal(14,3) NOT NULL,
	`note` mediumtext,
	`created_at` timestamp NOT NULL DEFAULT (now()),
	`updated_at` timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
	`deleted_at` timestamp,
	CONSTRAINT `timesheets_id` PRIMARY KEY(`id`)
);

CREATE TABLE `everything` (
	`id` int AUTO_INCREMENT NOT NULL,
	`a` tinyint,
	`b` smallint,
	`c` mediumint unsigned,
	`d` double(10,2),
	`e` real,
	`f` binary(8),
	`g` varbinary(16),
	`h` char(3),
	`i` time(2),
	`j` year DEFAULT 2020,
	`k` tinytext,
	`l` longtext,
	`n` json DEFAULT ('[]'),
	`o` boolean,
	`p` char(12) DEFAULT 'it''s high',
	`q` enum('low','it''s high'),
	`r` enum('x','y''z') DEFAULT 'x',
	`total` int GENERATED ALWAYS AS (a + b) STORED,
	`upper` varchar(20) GENERATED ALWAYS AS (upper(`everything`.`h`)) VIRTUAL,
	`at` timestamp DEFAULT CURRENT_TIMESTAMP,
	CONSTRAINT `everything_id` PRIMARY KEY(`id`)
);

CREATE TABLE `app_links` (
	`from_id` int NOT NULL,
	`to_id` int NOT NULL,
	CONSTRAINT `app_links_from_id_to_id_pk` PRIMARY KEY(`from_id`,`to_id`)
);

CREATE TABLE `app_named` (
	`a` int NOT NULL,
	`b` int NOT NULL,
	CONSTRAINT `named_pk` PRIMARY KEY(`a`,`b`)
);

ALTER TABLE `branches` ADD CONSTRAINT `branches_company_id_companies_id_fk` FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `branches` ADD CONSTRAINT `branches_country_id_countries_id_fk` FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `role_permissions` ADD CONSTRAINT `role_permissions_role_id_roles_id_fk` FOREIGN KEY (`role_id`) REFERENCES `roles`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `role_permissions` ADD CONSTRAINT `role_permissions_permission_id_permissions_id_fk` FOREIGN KEY (`permission_id`) REFERENCES `permissions`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `settings` ADD CONSTRAINT `settings_company_id_companies_id_fk` FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `user_roles` ADD CONSTRAINT `user_roles_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `user_roles` ADD CONSTRAINT `user_roles_role_id_roles_id_fk` FOREIGN KEY (`role_id`) REFERENCES `roles`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `users` ADD CONSTRAINT `users_branch_id_branches_id_fk` FOREIGN KEY (`branch_id`) REFERENCES `branches`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `activities` ADD CONSTRAINT `activities_opportunity_id_opportunities_id_fk` FOREIGN KEY (`opportunity_id`) REFERENCES `opportunities`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `activities` ADD CONSTRAINT `activities_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `call_logs` ADD CONSTRAINT `call_logs_contact_id_contacts_id_fk` FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `call_logs` ADD CONSTRAINT `call_logs_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `campaign_members` ADD CONSTRAINT `campaign_members_campaign_id_campaigns_id_fk` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `campaign_members` ADD CONSTRAINT `campaign_members_contact_id_contacts_id_fk` FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `campaigns` ADD CONSTRAINT `campaigns_segment_id_segments_id_fk` FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `contact_tags` ADD CONSTRAINT `contact_tags_contact_id_contacts_id_fk` FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `contact_tags` ADD CONSTRAINT `contact_tags_tag_id_tags_id_fk` FOREIGN KEY (`tag_id`) REFERENCES `tags`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `contacts` ADD CONSTRAINT `contacts_country_id_countries_id_fk` FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `leads` ADD CONSTRAINT `leads_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `leads` ADD CONSTRAINT `leads_campaign_id_campaigns_id_fk` FOREIGN KEY (`campaign_id`) REFERENCES `campaigns`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `notes` ADD CONSTRAINT `notes_contact_id_contacts_id_fk` FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `notes` ADD CONSTRAINT `notes_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `opportunities` ADD CONSTRAINT `opportunities_lead_id_leads_id_fk` FOREIGN KEY (`lead_id`) REFERENCES `leads`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `opportunities` ADD CONSTRAINT `opportunities_pipeline_stage_id_pipeline_stages_id_fk` FOREIGN KEY (`pipeline_stage_id`) REFERENCES `pipeline_stages`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `pipeline_stages` ADD CONSTRAINT `pipeline_stages_pipeline_id_pipelines_id_fk` FOREIGN KEY (`pipeline_id`) REFERENCES `pipelines`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `segment_members` ADD CONSTRAINT `segment_members_segment_id_segments_id_fk` FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `segment_members` ADD CONSTRAINT `segment_members_contact_id_contacts_id_fk` FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `locations` ADD CONSTRAINT `locations_warehouse_id_warehouses_id_fk` FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `locations` ADD CONSTRAINT `locations_parent_id_locations_id_fk` FOREIGN KEY (`parent_id`) REFERENCES `locations`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `lots` ADD CONSTRAINT `lots_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `product_categories` ADD CONSTRAINT `product_categories_parent_id_product_categories_id_fk` FOREIGN KEY (`parent_id`) REFERENCES `product_categories`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `product_images` ADD CONSTRAINT `product_images_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `product_variants` ADD CONSTRAINT `product_variants_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `products` ADD CONSTRAINT `products_product_category_id_product_categories_id_fk` FOREIGN KEY (`product_category_id`) REFERENCES `product_categories`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `products` ADD CONSTRAINT `products_unit_id_units_id_fk` FOREIGN KEY (`unit_id`) REFERENCES `units`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `reservations` ADD CONSTRAINT `reservations_stock_level_id_stock_levels_id_fk` FOREIGN KEY (`stock_level_id`) REFERENCES `stock_levels`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `serial_numbers` ADD CONSTRAINT `serial_numbers_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `serial_numbers` ADD CONSTRAINT `serial_numbers_lot_id_lots_id_fk` FOREIGN KEY (`lot_id`) REFERENCES `lots`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `stock_count_lines` ADD CONSTRAINT `stock_count_lines_stock_count_id_stock_counts_id_fk` FOREIGN KEY (`stock_count_id`) REFERENCES `stock_counts`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `stock_count_lines` ADD CONSTRAINT `stock_count_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `stock_counts` ADD CONSTRAINT `stock_counts_warehouse_id_warehouses_id_fk` FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `stock_levels` ADD CONSTRAINT `stock_levels_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `stock_levels` ADD CONSTRAINT `stock_levels_location_id_locations_id_fk` FOREIGN KEY (`location_id`) REFERENCES `locations`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `stock_moves` ADD CONSTRAINT `stock_moves_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `stock_moves` ADD CONSTRAINT `stock_moves_from_id_locations_id_fk` FOREIGN KEY (`from_id`) REFERENCES `locations`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `stock_moves` ADD CONSTRAINT `stock_moves_to_id_locations_id_fk` FOREIGN KEY (`to_id`) REFERENCES `locations`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `warehouses` ADD CONSTRAINT `warehouses_branch_id_branches_id_fk` FOREIGN KEY (`branch_id`) REFERENCES `branches`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `attendance` ADD CONSTRAINT `attendance_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `contracts` ADD CONSTRAINT `contracts_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `departments` ADD CONSTRAINT `departments_company_id_companies_id_fk` FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `departments` ADD CONSTRAINT `departments_manager_id_employees_id_fk` FOREIGN KEY (`manager_id`) REFERENCES `employees`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `departments` ADD CONSTRAINT `departments_parent_id_departments_id_fk` FOREIGN KEY (`parent_id`) REFERENCES `departments`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `employee_skills` ADD CONSTRAINT `employee_skills_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `employee_skills` ADD CONSTRAINT `employee_skills_skill_id_skills_id_fk` FOREIGN KEY (`skill_id`) REFERENCES `skills`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `employees` ADD CONSTRAINT `employees_department_id_departments_id_fk` FOREIGN KEY (`department_id`) REFERENCES `departments`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `employees` ADD CONSTRAINT `employees_position_id_positions_id_fk` FOREIGN KEY (`position_id`) REFERENCES `positions`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `employees` ADD CONSTRAINT `employees_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `expense_lines` ADD CONSTRAINT `expense_lines_expense_report_id_expense_reports_id_fk` FOREIGN KEY (`expense_report_id`) REFERENCES `expense_reports`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `expense_reports` ADD CONSTRAINT `expense_reports_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `leave_requests` ADD CONSTRAINT `leave_requests_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `leave_requests` ADD CONSTRAINT `leave_requests_leave_type_id_leave_types_id_fk` FOREIGN KEY (`leave_type_id`) REFERENCES `leave_types`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `salaries` ADD CONSTRAINT `salaries_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `salaries` ADD CONSTRAINT `salaries_currency_id_currencies_id_fk` FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `training_attendances` ADD CONSTRAINT `training_attendances_training_id_trainings_id_fk` FOREIGN KEY (`training_id`) REFERENCES `trainings`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `training_attendances` ADD CONSTRAINT `training_attendances_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `commissions` ADD CONSTRAINT `commissions_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `commissions` ADD CONSTRAINT `commissions_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `customer_addresses` ADD CONSTRAINT `customer_addresses_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `customer_addresses` ADD CONSTRAINT `customer_addresses_country_id_countries_id_fk` FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `customers` ADD CONSTRAINT `customers_country_id_countries_id_fk` FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `customers` ADD CONSTRAINT `customers_price_list_id_price_lists_id_fk` FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `customers` ADD CONSTRAINT `customers_sales_team_id_sales_teams_id_fk` FOREIGN KEY (`sales_team_id`) REFERENCES `sales_teams`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `discounts` ADD CONSTRAINT `discounts_price_list_id_price_lists_id_fk` FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `order_events` ADD CONSTRAINT `order_events_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `order_events` ADD CONSTRAINT `order_events_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `order_lines` ADD CONSTRAINT `order_lines_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `order_lines` ADD CONSTRAINT `order_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `order_lines` ADD CONSTRAINT `order_lines_own_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `orders` ADD CONSTRAINT `orders_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `orders` ADD CONSTRAINT `orders_quote_id_quotes_id_fk` FOREIGN KEY (`quote_id`) REFERENCES `quotes`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `orders` ADD CONSTRAINT `orders_branch_id_branches_id_fk` FOREIGN KEY (`branch_id`) REFERENCES `branches`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `price_list_items` ADD CONSTRAINT `price_list_items_price_list_id_price_lists_id_fk` FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `price_list_items` ADD CONSTRAINT `price_list_items_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `price_lists` ADD CONSTRAINT `price_lists_currency_id_currencies_id_fk` FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `promotions` ADD CONSTRAINT `promotions_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `quote_lines` ADD CONSTRAINT `quote_lines_quote_id_quotes_id_fk` FOREIGN KEY (`quote_id`) REFERENCES `quotes`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `quote_lines` ADD CONSTRAINT `quote_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `quotes` ADD CONSTRAINT `quotes_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `returns` ADD CONSTRAINT `returns_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `sales_teams` ADD CONSTRAINT `sales_teams_lead_id_employees_id_fk` FOREIGN KEY (`lead_id`) REFERENCES `employees`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `purchase_order_lines` ADD CONSTRAINT `purchase_order_lines_purchase_order_id_purchase_orders_id_fk` FOREIGN KEY (`purchase_order_id`) REFERENCES `purchase_orders`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `purchase_order_lines` ADD CONSTRAINT `purchase_order_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `purchase_orders` ADD CONSTRAINT `purchase_orders_supplier_id_suppliers_id_fk` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `purchase_orders` ADD CONSTRAINT `purchase_orders_requisition_id_requisitions_id_fk` FOREIGN KEY (`requisition_id`) REFERENCES `requisitions`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `receipt_lines` ADD CONSTRAINT `receipt_lines_receipt_id_receipts_id_fk` FOREIGN KEY (`receipt_id`) REFERENCES `receipts`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `receipt_lines` ADD CONSTRAINT `receipt_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `receipt_lines` ADD CONSTRAINT `receipt_lines_lot_id_lots_id_fk` FOREIGN KEY (`lot_id`) REFERENCES `lots`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `receipts` ADD CONSTRAINT `receipts_purchase_order_id_purchase_orders_id_fk` FOREIGN KEY (`purchase_order_id`) REFERENCES `purchase_orders`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `requisition_lines` ADD CONSTRAINT `requisition_lines_requisition_id_requisitions_id_fk` FOREIGN KEY (`requisition_id`) REFERENCES `requisitions`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `requisition_lines` ADD CONSTRAINT `requisition_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `requisitions` ADD CONSTRAINT `requisitions_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `supplier_contacts` ADD CONSTRAINT `supplier_contacts_supplier_id_suppliers_id_fk` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `supplier_invoice_lines` ADD CONSTRAINT `supplier_invoice_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `supplier_invoice_lines` ADD CONSTRAINT `supplier_invoice_lines_supplier_invoice_id_fk` FOREIGN KEY (`supplier_invoice_id`) REFERENCES `supplier_invoices`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `supplier_invoices` ADD CONSTRAINT `supplier_invoices_supplier_id_suppliers_id_fk` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `supplier_invoices` ADD CONSTRAINT `supplier_invoices_purchase_order_id_purchase_orders_id_fk` FOREIGN KEY (`purchase_order_id`) REFERENCES `purchase_orders`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `supplier_products` ADD CONSTRAINT `supplier_products_supplier_id_suppliers_id_fk` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `supplier_products` ADD CONSTRAINT `supplier_products_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `supplier_ratings` ADD CONSTRAINT `supplier_ratings_supplier_id_suppliers_id_fk` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `supplier_ratings` ADD CONSTRAINT `supplier_ratings_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `suppliers` ADD CONSTRAINT `suppliers_country_id_countries_id_fk` FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `accounts` ADD CONSTRAINT `accounts_account_type_id_account_types_id_fk` FOREIGN KEY (`account_type_id`) REFERENCES `account_types`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `accounts` ADD CONSTRAINT `accounts_parent_id_accounts_id_fk` FOREIGN KEY (`parent_id`) REFERENCES `accounts`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `accounts` ADD CONSTRAINT `accounts_currency_id_currencies_id_fk` FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `bank_accounts` ADD CONSTRAINT `bank_accounts_company_id_companies_id_fk` FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `bank_accounts` ADD CONSTRAINT `bank_accounts_currency_id_currencies_id_fk` FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `bank_statement_lines` ADD CONSTRAINT `bank_statement_lines_bank_statement_id_bank_statements_id_fk` FOREIGN KEY (`bank_statement_id`) REFERENCES `bank_statements`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `bank_statements` ADD CONSTRAINT `bank_statements_bank_account_id_bank_accounts_id_fk` FOREIGN KEY (`bank_account_id`) REFERENCES `bank_accounts`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `budget_lines` ADD CONSTRAINT `budget_lines_budget_id_budgets_id_fk` FOREIGN KEY (`budget_id`) REFERENCES `budgets`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `budget_lines` ADD CONSTRAINT `budget_lines_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `budgets` ADD CONSTRAINT `budgets_fiscal_year_id_fiscal_years_id_fk` FOREIGN KEY (`fiscal_year_id`) REFERENCES `fiscal_years`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `budgets` ADD CONSTRAINT `budgets_department_id_departments_id_fk` FOREIGN KEY (`department_id`) REFERENCES `departments`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `fiscal_periods` ADD CONSTRAINT `fiscal_periods_fiscal_year_id_fiscal_years_id_fk` FOREIGN KEY (`fiscal_year_id`) REFERENCES `fiscal_years`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `fiscal_years` ADD CONSTRAINT `fiscal_years_company_id_companies_id_fk` FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `journal_entries` ADD CONSTRAINT `journal_entries_journal_id_journals_id_fk` FOREIGN KEY (`journal_id`) REFERENCES `journals`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `journal_entries` ADD CONSTRAINT `journal_entries_fiscal_period_id_fiscal_periods_id_fk` FOREIGN KEY (`fiscal_period_id`) REFERENCES `fiscal_periods`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `journal_lines` ADD CONSTRAINT `journal_lines_journal_entry_id_journal_entries_id_fk` FOREIGN KEY (`journal_entry_id`) REFERENCES `journal_entries`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `journal_lines` ADD CONSTRAINT `journal_lines_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `journals` ADD CONSTRAINT `journals_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `payments` ADD CONSTRAINT `payments_bank_account_id_bank_accounts_id_fk` FOREIGN KEY (`bank_account_id`) REFERENCES `bank_accounts`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `payments` ADD CONSTRAINT `payments_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `payments` ADD CONSTRAINT `payments_supplier_id_suppliers_id_fk` FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `taxes` ADD CONSTRAINT `taxes_tax_group_id_tax_groups_id_fk` FOREIGN KEY (`tax_group_id`) REFERENCES `tax_groups`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `taxes` ADD CONSTRAINT `taxes_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `credit_note_lines` ADD CONSTRAINT `credit_note_lines_credit_note_id_credit_notes_id_fk` FOREIGN KEY (`credit_note_id`) REFERENCES `credit_notes`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `credit_note_lines` ADD CONSTRAINT `credit_note_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `credit_notes` ADD CONSTRAINT `credit_notes_invoice_id_invoices_id_fk` FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `dunnings` ADD CONSTRAINT `dunnings_invoice_id_invoices_id_fk` FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `dunnings` ADD CONSTRAINT `dunnings_dunning_level_id_dunning_levels_id_fk` FOREIGN KEY (`dunning_level_id`) REFERENCES `dunning_levels`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `invoice_lines` ADD CONSTRAINT `invoice_lines_invoice_id_invoices_id_fk` FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `invoice_lines` ADD CONSTRAINT `invoice_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `invoice_lines` ADD CONSTRAINT `invoice_lines_tax_id_taxes_id_fk` FOREIGN KEY (`tax_id`) REFERENCES `taxes`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `invoices` ADD CONSTRAINT `invoices_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `invoices` ADD CONSTRAINT `invoices_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `invoices` ADD CONSTRAINT `invoices_payment_term_id_payment_terms_id_fk` FOREIGN KEY (`payment_term_id`) REFERENCES `payment_terms`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `receivables` ADD CONSTRAINT `receivables_invoice_id_invoices_id_fk` FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `receivables` ADD CONSTRAINT `receivables_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `subscription_events` ADD CONSTRAINT `subscription_events_subscription_id_subscriptions_id_fk` FOREIGN KEY (`subscription_id`) REFERENCES `subscriptions`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `subscription_lines` ADD CONSTRAINT `subscription_lines_subscription_id_subscriptions_id_fk` FOREIGN KEY (`subscription_id`) REFERENCES `subscriptions`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `subscription_lines` ADD CONSTRAINT `subscription_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `subscriptions` ADD CONSTRAINT `subscriptions_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `subscriptions` ADD CONSTRAINT `subscriptions_price_list_id_price_lists_id_fk` FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `drivers` ADD CONSTRAINT `drivers_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `drivers` ADD CONSTRAINT `drivers_carrier_id_carriers_id_fk` FOREIGN KEY (`carrier_id`) REFERENCES `carriers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `route_stops` ADD CONSTRAINT `route_stops_route_id_routes_id_fk` FOREIGN KEY (`route_id`) REFERENCES `routes`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `route_stops` ADD CONSTRAINT `route_stops_customer_address_id_customer_addresses_id_fk` FOREIGN KEY (`customer_address_id`) REFERENCES `customer_addresses`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `routes` ADD CONSTRAINT `routes_vehicle_id_vehicles_id_fk` FOREIGN KEY (`vehicle_id`) REFERENCES `vehicles`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `routes` ADD CONSTRAINT `routes_driver_id_drivers_id_fk` FOREIGN KEY (`driver_id`) REFERENCES `drivers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `shipment_events` ADD CONSTRAINT `shipment_events_shipment_id_shipments_id_fk` FOREIGN KEY (`shipment_id`) REFERENCES `shipments`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `shipment_lines` ADD CONSTRAINT `shipment_lines_shipment_id_shipments_id_fk` FOREIGN KEY (`shipment_id`) REFERENCES `shipments`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `shipment_lines` ADD CONSTRAINT `shipment_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `shipments` ADD CONSTRAINT `shipments_order_id_orders_id_fk` FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `shipments` ADD CONSTRAINT `shipments_carrier_id_carriers_id_fk` FOREIGN KEY (`carrier_id`) REFERENCES `carriers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `shipments` ADD CONSTRAINT `shipments_route_id_routes_id_fk` FOREIGN KEY (`route_id`) REFERENCES `routes`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `vehicles` ADD CONSTRAINT `vehicles_carrier_id_carriers_id_fk` FOREIGN KEY (`carrier_id`) REFERENCES `carriers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `article_versions` ADD CONSTRAINT `article_versions_knowledge_article_id_knowledge_articles_id_fk` FOREIGN KEY (`knowledge_article_id`) REFERENCES `knowledge_articles`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `feedback` ADD CONSTRAINT `feedback_ticket_id_tickets_id_fk` FOREIGN KEY (`ticket_id`) REFERENCES `tickets`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `knowledge_articles` ADD CONSTRAINT `knowledge_articles_ticket_category_id_ticket_categories_id_fk` FOREIGN KEY (`ticket_category_id`) REFERENCES `ticket_categories`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `ticket_categories` ADD CONSTRAINT `ticket_categories_parent_id_ticket_categories_id_fk` FOREIGN KEY (`parent_id`) REFERENCES `ticket_categories`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `ticket_messages` ADD CONSTRAINT `ticket_messages_ticket_id_tickets_id_fk` FOREIGN KEY (`ticket_id`) REFERENCES `tickets`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `ticket_messages` ADD CONSTRAINT `ticket_messages_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `tickets` ADD CONSTRAINT `tickets_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `tickets` ADD CONSTRAINT `tickets_ticket_category_id_ticket_categories_id_fk` FOREIGN KEY (`ticket_category_id`) REFERENCES `ticket_categories`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `tickets` ADD CONSTRAINT `tickets_service_level_id_service_levels_id_fk` FOREIGN KEY (`service_level_id`) REFERENCES `service_levels`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `tickets` ADD CONSTRAINT `tickets_owner_id_users_id_fk` FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `audit_events` ADD CONSTRAINT `audit_events_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `document_links` ADD CONSTRAINT `document_links_document_id_documents_id_fk` FOREIGN KEY (`document_id`) REFERENCES `documents`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `document_versions` ADD CONSTRAINT `document_versions_document_id_documents_id_fk` FOREIGN KEY (`document_id`) REFERENCES `documents`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `documents` ADD CONSTRAINT `documents_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `bom_lines` ADD CONSTRAINT `bom_lines_bom_id_boms_id_fk` FOREIGN KEY (`bom_id`) REFERENCES `boms`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `bom_lines` ADD CONSTRAINT `bom_lines_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `boms` ADD CONSTRAINT `boms_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `machine_states` ADD CONSTRAINT `machine_states_machine_id_machines_id_fk` FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `machines` ADD CONSTRAINT `machines_work_center_id_work_centers_id_fk` FOREIGN KEY (`work_center_id`) REFERENCES `work_centers`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `production_order_lines` ADD CONSTRAINT `production_order_lines_routing_step_id_routing_steps_id_fk` FOREIGN KEY (`routing_step_id`) REFERENCES `routing_steps`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `production_order_lines` ADD CONSTRAINT `production_order_lines_production_order_id_fk` FOREIGN KEY (`production_order_id`) REFERENCES `production_orders`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `production_orders` ADD CONSTRAINT `production_orders_bom_id_boms_id_fk` FOREIGN KEY (`bom_id`) REFERENCES `boms`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `quality_checks` ADD CONSTRAINT `quality_checks_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `quality_results` ADD CONSTRAINT `quality_results_quality_check_id_quality_checks_id_fk` FOREIGN KEY (`quality_check_id`) REFERENCES `quality_checks`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `quality_results` ADD CONSTRAINT `quality_results_production_order_id_production_orders_id_fk` FOREIGN KEY (`production_order_id`) REFERENCES `production_orders`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `routing_steps` ADD CONSTRAINT `routing_steps_routing_id_routings_id_fk` FOREIGN KEY (`routing_id`) REFERENCES `routings`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `routing_steps` ADD CONSTRAINT `routing_steps_work_center_id_work_centers_id_fk` FOREIGN KEY (`work_center_id`) REFERENCES `work_centers`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `routings` ADD CONSTRAINT `routings_bom_id_boms_id_fk` FOREIGN KEY (`bom_id`) REFERENCES `boms`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `scrap_records` ADD CONSTRAINT `scrap_records_production_order_id_production_orders_id_fk` FOREIGN KEY (`production_order_id`) REFERENCES `production_orders`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `scrap_records` ADD CONSTRAINT `scrap_records_product_id_products_id_fk` FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `work_centers` ADD CONSTRAINT `work_centers_warehouse_id_warehouses_id_fk` FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `issues` ADD CONSTRAINT `issues_project_id_projects_id_fk` FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `issues` ADD CONSTRAINT `issues_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `milestones` ADD CONSTRAINT `milestones_project_id_projects_id_fk` FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `project_budgets` ADD CONSTRAINT `project_budgets_project_id_projects_id_fk` FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `project_budgets` ADD CONSTRAINT `project_budgets_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `project_members` ADD CONSTRAINT `project_members_project_id_projects_id_fk` FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `project_members` ADD CONSTRAINT `project_members_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `projects` ADD CONSTRAINT `projects_customer_id_customers_id_fk` FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `projects` ADD CONSTRAINT `projects_leader_id_employees_id_fk` FOREIGN KEY (`leader_id`) REFERENCES `employees`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `risks` ADD CONSTRAINT `risks_project_id_projects_id_fk` FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `task_dependencies` ADD CONSTRAINT `task_dependencies_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `task_dependencies` ADD CONSTRAINT `task_dependencies_needed_id_tasks_id_fk` FOREIGN KEY (`needed_id`) REFERENCES `tasks`(`id`) ON DELETE cascade ON UPDATE no action;
ALTER TABLE `tasks` ADD CONSTRAINT `tasks_project_id_projects_id_fk` FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `tasks` ADD CONSTRAINT `tasks_milestone_id_milestones_id_fk` FOREIGN KEY (`milestone_id`) REFERENCES `milestones`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `tasks` ADD CONSTRAINT `tasks_parent_id_tasks_id_fk` FOREIGN KEY (`parent_id`) REFERENCES `tasks`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `tasks` ADD CONSTRAINT `tasks_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE set null ON UPDATE no action;
ALTER TABLE `timesheets` ADD CONSTRAINT `timesheets_employee_id_employees_id_fk` FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `timesheets` ADD CONSTRAINT `timesheets_task_id_tasks_id_fk` FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON DELETE restrict ON UPDATE no action;
ALTER TABLE `app_links` ADD CONSTRAINT `app_links_from_id_users_id_fk` FOREIGN KEY (`from_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;
ALTER TABLE `app_links` ADD CONSTRAINT `app_links_to_id_orders_id_fk` FOREIGN KEY (`to_id`) REFERENCES `orders`(`id`) ON DELETE no action ON UPDATE no action;
CREATE INDEX `ix_branches_company_id` ON `branches` (`company_id`);
CREATE INDEX `ix_branches_country_id` ON `branches` (`country_id`);
CREATE INDEX `ix_role_permissions_role_id` ON `role_permissions` (`role_id`);
CREATE INDEX `ix_role_permissions_permission_id` ON `role_permissions` (`permission_id`);
CREATE INDEX `ix_settings_company_id` ON `settings` (`company_id`);
CREATE INDEX `ix_user_roles_user_id` ON `user_roles` (`user_id`);
CREATE INDEX `ix_user_roles_role_id` ON `user_roles` (`role_id`);
CREATE INDEX `ix_users_branch_id` ON `users` (`branch_id`);
CREATE INDEX `ix_activities_opportunity_id` ON `activities` (`opportunity_id`);
CREATE INDEX `ix_activities_user_id` ON `activities` (`user_id`);
CREATE INDEX `ix_call_logs_contact_id` ON `call_logs` (`contact_id`);
CREATE INDEX `ix_call_logs_user_id` ON `call_logs` (`user_id`);
CREATE INDEX `ix_campaign_members_campaign_id` ON `campaign_members` (`campaign_id`);
CREATE INDEX `ix_campaign_members_contact_id` ON `campaign_members` (`contact_id`);
CREATE INDEX `ix_campaign_members_status_joined_on` ON `campaign_members` (`status`,`joined_on`);
CREATE INDEX `ix_campaigns_segment_id` ON `campaigns` (`segment_id`);
CREATE INDEX `ix_contact_tags_contact_id` ON `contact_tags` (`contact_id`);
CREATE INDEX `ix_contact_tags_tag_id` ON `contact_tags` (`tag_id`);
CREATE INDEX `ix_contacts_country_id` ON `contacts` (`country_id`);
CREATE INDEX `ix_leads_owner_id` ON `leads` (`owner_id`);
CREATE INDEX `ix_leads_campaign_id` ON `leads` (`campaign_id`);
CREATE INDEX `ix_notes_contact_id` ON `notes` (`contact_id`);
CREATE INDEX `ix_notes_user_id` ON `notes` (`user_id`);
CREATE INDEX `ix_opportunities_lead_id` ON `opportunities` (`lead_id`);
CREATE INDEX `ix_opportunities_pipeline_stage_id` ON `opportunities` (`pipeline_stage_id`);
CREATE INDEX `ix_opportunities_status_expected_on` ON `opportunities` (`status`,`expected_on`);
CREATE INDEX `ix_pipeline_stages_pipeline_id` ON `pipeline_stages` (`pipeline_id`);
CREATE INDEX `ix_segment_members_segment_id` ON `segment_members` (`segment_id`);
CREATE INDEX `ix_segment_members_contact_id` ON `segment_members` (`contact_id`);
CREATE INDEX `ix_locations_warehouse_id` ON `locations` (`warehouse_id`);
CREATE INDEX `ix_locations_parent_id` ON `locations` (`parent_id`);
CREATE INDEX `ix_lots_product_id` ON `lots` (`product_id`);
CREATE INDEX `ix_product_categories_parent_id` ON `product_categories` (`parent_id`);
CREATE INDEX `ix_product_images_product_id` ON `product_images` (`product_id`);
CREATE INDEX `ix_product_variants_product_id` ON `product_variants` (`product_id`);
CREATE INDEX `ix_products_product_category_id` ON `products` (`product_category_id`);
CREATE INDEX `ix_products_unit_id` ON `products` (`unit_id`);
CREATE INDEX `ix_reservations_stock_level_id` ON `reservations` (`stock_level_id`);
CREATE INDEX `ix_serial_numbers_product_id` ON `serial_numbers` (`product_id`);
CREATE INDEX `ix_serial_numbers_lot_id` ON `serial_numbers` (`lot_id`);
CREATE INDEX `ix_stock_count_lines_stock_count_id` ON `stock_count_lines` (`stock_count_id`);
CREATE INDEX `ix_stock_count_lines_product_id` ON `stock_count_lines` (`product_id`);
CREATE INDEX `ix_stock_counts_warehouse_id` ON `stock_counts` (`warehouse_id`);
CREATE INDEX `ix_stock_counts_status_counted_on` ON `stock_counts` (`status`,`counted_on`);
CREATE INDEX `ix_stock_levels_product_id` ON `stock_levels` (`product_id`);
CREATE INDEX `ix_stock_levels_location_id` ON `stock_levels` (`location_id`);
CREATE INDEX `ix_stock_moves_product_id` ON `stock_moves` (`product_id`);
CREATE INDEX `ix_stock_moves_from_id` ON `stock_moves` (`from_id`);
CREATE INDEX `ix_stock_moves_to_id` ON `stock_moves` (`to_id`);
CREATE INDEX `ix_warehouses_branch_id` ON `warehouses` (`branch_id`);
CREATE INDEX `ix_attendance_employee_id` ON `attendance` (`employee_id`);
CREATE INDEX `ix_contracts_employee_id` ON `contracts` (`employee_id`);
CREATE INDEX `ix_contracts_status_starts_on` ON `contracts` (`status`,`starts_on`);
CREATE INDEX `ix_departments_company_id` ON `departments` (`company_id`);
CREATE INDEX `ix_departments_manager_id` ON `departments` (`manager_id`);
CREATE INDEX `ix_departments_parent_id` ON `departments` (`parent_id`);
CREATE INDEX `ix_employee_skills_employee_id` ON `employee_skills` (`employee_id`);
CREATE INDEX `ix_employee_skills_skill_id` ON `employee_skills` (`skill_id`);
CREATE INDEX `ix_employees_department_id` ON `employees` (`department_id`);
CREATE INDEX `ix_employees_position_id` ON `employees` (`position_id`);
CREATE INDEX `ix_employees_user_id` ON `employees` (`user_id`);
CREATE INDEX `ix_expense_lines_expense_report_id` ON `expense_lines` (`expense_report_id`);
CREATE INDEX `ix_expense_reports_employee_id` ON `expense_reports` (`employee_id`);
CREATE INDEX `ix_leave_requests_employee_id` ON `leave_requests` (`employee_id`);
CREATE INDEX `ix_leave_requests_leave_type_id` ON `leave_requests` (`leave_type_id`);
CREATE INDEX `ix_leave_requests_status_from_on` ON `leave_requests` (`status`,`from_on`);
CREATE INDEX `ix_salaries_employee_id` ON `salaries` (`employee_id`);
CREATE INDEX `ix_salaries_currency_id` ON `salaries` (`currency_id`);
CREATE INDEX `ix_training_attendances_training_id` ON `training_attendances` (`training_id`);
CREATE INDEX `ix_training_attendances_employee_id` ON `training_attendances` (`employee_id`);
CREATE INDEX `ix_commissions_order_id` ON `commissions` (`order_id`);
CREATE INDEX `ix_commissions_employee_id` ON `commissions` (`employee_id`);
CREATE INDEX `ix_customer_addresses_customer_id` ON `customer_addresses` (`customer_id`);
CREATE INDEX `ix_customer_addresses_country_id` ON `customer_addresses` (`country_id`);
CREATE INDEX `ix_customers_country_id` ON `customers` (`country_id`);
CREATE INDEX `ix_customers_price_list_id` ON `customers` (`price_list_id`);
CREATE INDEX `ix_customers_sales_team_id` ON `customers` (`sales_team_id`);
CREATE INDEX `ix_discounts_price_list_id` ON `discounts` (`price_list_id`);
CREATE INDEX `ix_order_events_order_id` ON `order_events` (`order_id`);
CREATE INDEX `ix_order_events_user_id` ON `order_events` (`user_id`);
CREATE INDEX `ix_order_lines_order_id` ON `order_lines` (`order_id`);
CREATE INDEX `ix_order_lines_product_id` ON `order_lines` (`product_id`);
CREATE INDEX `ix_orders_customer_id` ON `orders` (`customer_id`);
CREATE INDEX `ix_orders_quote_id` ON `orders` (`quote_id`);
CREATE INDEX `ix_orders_branch_id` ON `orders` (`branch_id`);
CREATE INDEX `ix_orders_status_ordered_on` ON `orders` (`status`,`ordered_on`);
CREATE INDEX `ix_price_list_items_price_list_id` ON `price_list_items` (`price_list_id`);
CREATE INDEX `ix_price_list_items_product_id` ON `price_list_items` (`product_id`);
CREATE INDEX `ix_price_lists_currency_id` ON `price_lists` (`currency_id`);
CREATE INDEX `ix_promotions_product_id` ON `promotions` (`product_id`);
CREATE INDEX `ix_quote_lines_quote_id` ON `quote_lines` (`quote_id`);
CREATE INDEX `ix_quote_lines_product_id` ON `quote_lines` (`product_id`);
CREATE INDEX `ix_quotes_customer_id` ON `quotes` (`customer_id`);
CREATE INDEX `ix_quotes_status_quoted_on` ON `quotes` (`status`,`quoted_on`);
CREATE INDEX `ix_returns_order_id` ON `returns` (`order_id`);
CREATE INDEX `ix_returns_status_returned_on` ON `returns` (`status`,`returned_on`);
CREATE INDEX `ix_sales_teams_lead_id` ON `sales_teams` (`lead_id`);
CREATE INDEX `ix_purchase_order_lines_purchase_order_id` ON `purchase_order_lines` (`purchase_order_id`);
CREATE INDEX `ix_purchase_order_lines_product_id` ON `purchase_order_lines` (`product_id`);
CREATE INDEX `ix_purchase_orders_supplier_id` ON `purchase_orders` (`supplier_id`);
CREATE INDEX `ix_purchase_orders_requisition_id` ON `purchase_orders` (`requisition_id`);
CREATE INDEX `ix_purchase_orders_status_ordered_on` ON `purchase_orders` (`status`,`ordered_on`);
CREATE INDEX `ix_receipt_lines_receipt_id` ON `receipt_lines` (`receipt_id`);
CREATE INDEX `ix_receipt_lines_product_id` ON `receipt_lines` (`product_id`);
CREATE INDEX `ix_receipt_lines_lot_id` ON `receipt_lines` (`lot_id`);
CREATE INDEX `ix_receipts_purchase_order_id` ON `receipts` (`purchase_order_id`);
CREATE INDEX `ix_requisition_lines_requisition_id` ON `requisition_lines` (`requisition_id`);
CREATE INDEX `ix_requisition_lines_product_id` ON `requisition_lines` (`product_id`);
CREATE INDEX `ix_requisitions_employee_id` ON `requisitions` (`employee_id`);
CREATE INDEX `ix_requisitions_status_needed_on` ON `requisitions` (`status`,`needed_on`);
CREATE INDEX `ix_supplier_contacts_supplier_id` ON `supplier_contacts` (`supplier_id`);
CREATE INDEX `ix_supplier_invoice_lines_supplier_invoice_id` ON `supplier_invoice_lines` (`supplier_invoice_id`);
CREATE INDEX `ix_supplier_invoice_lines_product_id` ON `supplier_invoice_lines` (`product_id`);
CREATE INDEX `ix_supplier_invoices_supplier_id` ON `supplier_invoices` (`supplier_id`);
CREATE INDEX `ix_supplier_invoices_purchase_order_id` ON `supplier_invoices` (`purchase_order_id`);
CREATE INDEX `ix_supplier_invoices_status_due_on` ON `supplier_invoices` (`status`,`due_on`);
CREATE INDEX `ix_supplier_products_supplier_id` ON `supplier_products` (`supplier_id`);
CREATE INDEX `ix_supplier_products_product_id` ON `supplier_products` (`product_id`);
CREATE INDEX `ix_supplier_ratings_supplier_id` ON `supplier_ratings` (`supplier_id`);
CREATE INDEX `ix_supplier_ratings_user_id` ON `supplier_ratings` (`user_id`);
CREATE INDEX `ix_suppliers_country_id` ON `suppliers` (`country_id`);
CREATE INDEX `ix_accounts_account_type_id` ON `accounts` (`account_type_id`);
CREATE INDEX `ix_accounts_parent_id` ON `accounts` (`parent_id`);
CREATE INDEX `ix_accounts_currency_id` ON `accounts` (`currency_id`);
CREATE INDEX `ix_bank_accounts_company_id` ON `bank_accounts` (`company_id`);
CREATE INDEX `ix_bank_accounts_currency_id` ON `bank_accounts` (`currency_id`);
CREATE INDEX `ix_bank_statement_lines_bank_statement_id` ON `bank_statement_lines` (`bank_statement_id`);
CREATE INDEX `ix_bank_statements_bank_account_id` ON `bank_statements` (`bank_account_id`);
CREATE INDEX `ix_budget_lines_budget_id` ON `budget_lines` (`budget_id`);
CREATE INDEX `ix_budget_lines_account_id` ON `budget_lines` (`account_id`);
CREATE INDEX `ix_budgets_fiscal_year_id` ON `budgets` (`fiscal_year_id`);
CREATE INDEX `ix_budgets_department_id` ON `budgets` (`department_id`);
CREATE INDEX `ix_fiscal_periods_fiscal_year_id` ON `fiscal_periods` (`fiscal_year_id`);
CREATE INDEX `ix_fiscal_years_company_id` ON `fiscal_years` (`company_id`);
CREATE INDEX `ix_journal_entries_journal_id` ON `journal_entries` (`journal_id`);
CREATE INDEX `ix_journal_entries_fiscal_period_id` ON `journal_entries` (`fiscal_period_id`);
CREATE INDEX `ix_journal_entries_status_booked_on` ON `journal_entries` (`status`,`booked_on`);
CREATE INDEX `ix_journal_lines_journal_entry_id` ON `journal_lines` (`journal_entry_id`);
CREATE INDEX `ix_journal_lines_account_id` ON `journal_lines` (`account_id`);
CREATE INDEX `ix_journals_account_id` ON `journals` (`account_id`);
CREATE INDEX `ix_payments_bank_account_id` ON `payments` (`bank_account_id`);
CREATE INDEX `ix_payments_customer_id` ON `payments` (`customer_id`);
CREATE INDEX `ix_payments_supplier_id` ON `payments` (`supplier_id`);
CREATE INDEX `ix_payments_status_paid_on` ON `payments` (`status`,`paid_on`);
CREATE INDEX `ix_taxes_tax_group_id` ON `taxes` (`tax_group_id`);
CREATE INDEX `ix_taxes_account_id` ON `taxes` (`account_id`);
CREATE INDEX `ix_credit_note_lines_credit_note_id` ON `credit_note_lines` (`credit_note_id`);
CREATE INDEX `ix_credit_note_lines_product_id` ON `credit_note_lines` (`product_id`);
CREATE INDEX `ix_credit_notes_invoice_id` ON `credit_notes` (`invoice_id`);
CREATE INDEX `ix_dunnings_invoice_id` ON `dunnings` (`invoice_id`);
CREATE INDEX `ix_dunnings_dunning_level_id` ON `dunnings` (`dunning_level_id`);
CREATE INDEX `ix_dunnings_status_sent_on` ON `dunnings` (`status`,`sent_on`);
CREATE INDEX `ix_invoice_lines_invoice_id` ON `invoice_lines` (`invoice_id`);
CREATE INDEX `ix_invoice_lines_product_id` ON `invoice_lines` (`product_id`);
CREATE INDEX `ix_invoice_lines_tax_id` ON `invoice_lines` (`tax_id`);
CREATE INDEX `ix_invoices_customer_id` ON `invoices` (`customer_id`);
CREATE INDEX `ix_invoices_order_id` ON `invoices` (`order_id`);
CREATE INDEX `ix_invoices_payment_term_id` ON `invoices` (`payment_term_id`);
CREATE INDEX `ix_invoices_status_invoiced_on` ON `invoices` (`status`,`invoiced_on`);
CREATE INDEX `ix_receivables_invoice_id` ON `receivables` (`invoice_id`);
CREATE INDEX `ix_receivables_account_id` ON `receivables` (`account_id`);
CREATE INDEX `ix_subscription_events_subscription_id` ON `subscription_events` (`subscription_id`);
CREATE INDEX `ix_subscription_lines_subscription_id` ON `subscription_lines` (`subscription_id`);
CREATE INDEX `ix_subscription_lines_product_id` ON `subscription_lines` (`product_id`);
CREATE INDEX `ix_subscriptions_customer_id` ON `subscriptions` (`customer_id`);
CREATE INDEX `ix_subscriptions_price_list_id` ON `subscriptions` (`price_list_id`);
CREATE INDEX `ix_subscriptions_status_starts_on` ON `subscriptions` (`status`,`starts_on`);
CREATE INDEX `ix_drivers_employee_id` ON `drivers` (`employee_id`);
CREATE INDEX `ix_drivers_carrier_id` ON `drivers` (`carrier_id`);
CREATE INDEX `ix_route_stops_route_id` ON `route_stops` (`route_id`);
CREATE INDEX `ix_route_stops_customer_address_id` ON `route_stops` (`customer_address_id`);
CREATE INDEX `ix_routes_vehicle_id` ON `routes` (`vehicle_id`);
CREATE INDEX `ix_routes_driver_id` ON `routes` (`driver_id`);
CREATE INDEX `ix_routes_status_driven_on` ON `routes` (`status`,`driven_on`);
CREATE INDEX `ix_shipment_events_shipment_id` ON `shipment_events` (`shipment_id`);
CREATE INDEX `ix_shipment_lines_shipment_id` ON `shipment_lines` (`shipment_id`);
CREATE INDEX `ix_shipment_lines_product_id` ON `shipment_lines` (`product_id`);
CREATE INDEX `ix_shipments_order_id` ON `shipments` (`order_id`);
CREATE INDEX `ix_shipments_carrier_id` ON `shipments` (`carrier_id`);
CREATE INDEX `ix_shipments_route_id` ON `shipments` (`route_id`);
CREATE INDEX `ix_shipments_status_shipped_on` ON `shipments` (`status`,`shipped_on`);
CREATE INDEX `ix_vehicles_carrier_id` ON `vehicles` (`carrier_id`);
CREATE INDEX `ix_article_versions_knowledge_article_id` ON `article_versions` (`knowledge_article_id`);
CREATE INDEX `ix_feedback_ticket_id` ON `feedback` (`ticket_id`);
CREATE INDEX `ix_knowledge_articles_ticket_category_id` ON `knowledge_articles` (`ticket_category_id`);
CREATE INDEX `ix_ticket_categories_parent_id` ON `ticket_categories` (`parent_id`);
CREATE INDEX `ix_ticket_messages_ticket_id` ON `ticket_messages` (`ticket_id`);
CREATE INDEX `ix_ticket_messages_user_id` ON `ticket_messages` (`user_id`);
CREATE INDEX `ix_tickets_customer_id` ON `tickets` (`customer_id`);
CREATE INDEX `ix_tickets_ticket_category_id` ON `tickets` (`ticket_category_id`);
CREATE INDEX `ix_tickets_service_level_id` ON `tickets` (`service_level_id`);
CREATE INDEX `ix_tickets_owner_id` ON `tickets` (`owner_id`);
CREATE INDEX `ix_audit_events_user_id` ON `audit_events` (`user_id`);
CREATE INDEX `ix_document_links_document_id` ON `document_links` (`document_id`);
CREATE INDEX `ix_document_versions_document_id` ON `document_versions` (`document_id`);
CREATE INDEX `ix_documents_user_id` ON `documents` (`user_id`);
CREATE INDEX `ix_bom_lines_bom_id` ON `bom_lines` (`bom_id`);
CREATE INDEX `ix_bom_lines_product_id` ON `bom_lines` (`product_id`);
CREATE INDEX `ix_boms_product_id` ON `boms` (`product_id`);
CREATE INDEX `ix_machine_states_machine_id` ON `machine_states` (`machine_id`);
CREATE INDEX `ix_machines_work_center_id` ON `machines` (`work_center_id`);
CREATE INDEX `ix_production_order_lines_production_order_id` ON `production_order_lines` (`production_order_id`);
CREATE INDEX `ix_production_order_lines_routing_step_id` ON `production_order_lines` (`routing_step_id`);
CREATE INDEX `ix_production_orders_bom_id` ON `production_orders` (`bom_id`);
CREATE INDEX `ix_production_orders_status_planned_on` ON `production_orders` (`status`,`planned_on`);
CREATE INDEX `ix_quality_checks_product_id` ON `quality_checks` (`product_id`);
CREATE INDEX `ix_quality_results_quality_check_id` ON `quality_results` (`quality_check_id`);
CREATE INDEX `ix_quality_results_production_order_id` ON `quality_results` (`production_order_id`);
CREATE INDEX `ix_routing_steps_routing_id` ON `routing_steps` (`routing_id`);
CREATE INDEX `ix_routing_steps_work_center_id` ON `routing_steps` (`work_center_id`);
CREATE INDEX `ix_routings_bom_id` ON `routings` (`bom_id`);
CREATE INDEX `ix_scrap_records_production_order_id` ON `scrap_records` (`production_order_id`);
CREATE INDEX `ix_scrap_records_product_id` ON `scrap_records` (`product_id`);
CREATE INDEX `ix_work_centers_warehouse_id` ON `work_centers` (`warehouse_id`);
CREATE INDEX `ix_issues_project_id` ON `issues` (`project_id`);
CREATE INDEX `ix_issues_task_id` ON `issues` (`task_id`);
CREATE INDEX `ix_milestones_project_id` ON `milestones` (`project_id`);
CREATE INDEX `ix_project_budgets_project_id` ON `project_budgets` (`project_id`);
CREATE INDEX `ix_project_budgets_account_id` ON `project_budgets` (`account_id`);
CREATE INDEX `ix_project_members_project_id` ON `project_members` (`project_id`);
CREATE INDEX `ix_project_members_employee_id` ON `project_members` (`employee_id`);
CREATE INDEX `ix_projects_customer_id` ON `projects` (`customer_id`);
CREATE INDEX `ix_projects_leader_id` ON `projects` (`leader_id`);
CREATE INDEX `ix_projects_status_starts_on` ON `projects` (`status`,`starts_on`);
CREATE INDEX `ix_risks_project_id` ON `risks` (`project_id`);
CREATE INDEX `ix_task_dependencies_task_id` ON `task_dependencies` (`task_id`);
CREATE INDEX `ix_task_dependencies_needed_id` ON `task_dependencies` (`needed_id`);
CREATE INDEX `ix_tasks_project_id` ON `tasks` (`project_id`);
CREATE INDEX `ix_tasks_milestone_id` ON `tasks` (`milestone_id`);
CREATE INDEX `ix_tasks_parent_id` ON `tasks` (`parent_id`);
CREATE INDEX `ix_tasks_employee_id` ON `tasks` (`employee_id`);
CREATE INDEX `ix_timesheets_employee_id` ON `timesheets` (`employee_id`);
CREATE INDEX `ix_timesheets_task_id` ON `timesheets` (`task_id`);
CREATE INDEX `links_to` ON `app_links` (`to_id`);
CREATE ALGORITHM = merge
SQL SECURITY invoker
VIEW `v_open_orders` AS (select `orders`.`id`, `orders`.`no` from `orders` where `orders`.`status` = 'open');
