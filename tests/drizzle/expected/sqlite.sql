CREATE TABLE `branches` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`company_id` integer NOT NULL,
	`country_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`phone` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `branches_code_unique` ON `branches` (`code`);
CREATE INDEX `ix_branches_company_id` ON `branches` (`company_id`);
CREATE INDEX `ix_branches_country_id` ON `branches` (`country_id`);
CREATE UNIQUE INDEX `branches_pair` ON `branches` (`company_id`,`country_id`,`id`);
CREATE TABLE `companies` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`tax_no` text(60),
	`founded_on` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `companies_code_uq` ON `companies` (`code`);
CREATE TABLE `countries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`is_active` integer DEFAULT false NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `countries_code_unique` ON `countries` (`code`);
CREATE TABLE `currencies` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`decimals` integer DEFAULT 0 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `currencies_code_unique` ON `currencies` (`code`);
CREATE TABLE `languages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `languages_code_unique` ON `languages` (`code`);
CREATE TABLE `permissions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`area` text(60) NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `permissions_code_unique` ON `permissions` (`code`);
CREATE TABLE `role_permissions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`role_id` integer NOT NULL,
	`permission_id` integer NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`role_id`) REFERENCES `roles`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`permission_id`) REFERENCES `permissions`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_role_permissions_role_id` ON `role_permissions` (`role_id`);
CREATE INDEX `ix_role_permissions_permission_id` ON `role_permissions` (`permission_id`);
CREATE TABLE `roles` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `roles_code_unique` ON `roles` (`code`);
CREATE TABLE `settings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`company_id` integer,
	`code` text(40) NOT NULL,
	`value` text DEFAULT '{"a":[1,2.5,null],"b":"x"}' NOT NULL,
	`changed_on` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `settings_code_uq` ON `settings` (`code`);
CREATE INDEX `ix_settings_company_id` ON `settings` (`company_id`);
CREATE TABLE `user_roles` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`role_id` integer NOT NULL,
	`granted_on` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`role_id`) REFERENCES `roles`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_user_roles_user_id` ON `user_roles` (`user_id`);
CREATE INDEX `ix_user_roles_role_id` ON `user_roles` (`role_id`);
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`branch_id` integer,
	`login` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`email` text(160) NOT NULL,
	`is_active` integer DEFAULT false NOT NULL,
	`last_seen_at` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`branch_id`) REFERENCES `branches`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `users_login_unique` ON `users` (`login`);
CREATE UNIQUE INDEX `users_email_uq` ON `users` (`email`);
CREATE INDEX `ix_users_branch_id` ON `users` (`branch_id`);
CREATE TABLE `activities` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`opportunity_id` integer,
	`user_id` integer NOT NULL,
	`kind` text(60) NOT NULL,
	`due_on` integer,
	`done_at` integer,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`opportunity_id`) REFERENCES `opportunities`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_activities_opportunity_id` ON `activities` (`opportunity_id`);
CREATE INDEX `ix_activities_user_id` ON `activities` (`user_id`);
CREATE TABLE `call_logs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`contact_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`started_at` text NOT NULL,
	`seconds` integer DEFAULT 7 NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_call_logs_contact_id` ON `call_logs` (`contact_id`);
CREATE INDEX `ix_call_logs_user_id` ON `call_logs` (`user_id`);
CREATE TABLE `campaign_members` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`campaign_id` integer NOT NULL,
	`contact_id` integer NOT NULL,
	`joined_on` integer NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`campaign_id`) REFERENCES `campaigns`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_campaign_members_campaign_id` ON `campaign_members` (`campaign_id`);
CREATE INDEX `ix_campaign_members_contact_id` ON `campaign_members` (`contact_id`);
CREATE INDEX `ix_campaign_members_status_joined_on` ON `campaign_members` (`status`,`joined_on`);
CREATE UNIQUE INDEX `campaign_members_pair` ON `campaign_members` (`campaign_id`,`contact_id`,`id`);
CREATE TABLE `campaigns` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`segment_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`starts_on` text NOT NULL,
	`ends_on` integer,
	`budget` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_campaigns" CHECK("campaigns"."budget" >= 0)
);

CREATE UNIQUE INDEX `campaigns_code_unique` ON `campaigns` (`code`);
CREATE INDEX `ix_campaigns_segment_id` ON `campaigns` (`segment_id`);
CREATE TABLE `contact_tags` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`contact_id` integer NOT NULL,
	`tag_id` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`tag_id`) REFERENCES `tags`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_contact_tags_contact_id` ON `contact_tags` (`contact_id`);
CREATE INDEX `ix_contact_tags_tag_id` ON `contact_tags` (`tag_id`);
CREATE UNIQUE INDEX `contact_tags_pair` ON `contact_tags` (`contact_id`,`tag_id`,`id`);
CREATE TABLE `contacts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`country_id` integer,
	`name` text(120) NOT NULL,
	`email` text(160),
	`phone` text(60),
	`birthday` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_contacts_country_id` ON `contacts` (`country_id`);
CREATE TABLE `leads` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer,
	`campaign_id` integer,
	`name` text(120) NOT NULL,
	`email` text(160),
	`phone` text(60),
	`status` text DEFAULT 'draft' NOT NULL,
	`score` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`campaign_id`) REFERENCES `campaigns`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_leads_owner_id` ON `leads` (`owner_id`);
CREATE INDEX `ix_leads_campaign_id` ON `leads` (`campaign_id`);
CREATE TABLE `notes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`contact_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`body` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_notes_contact_id` ON `notes` (`contact_id`);
CREATE INDEX `ix_notes_user_id` ON `notes` (`user_id`);
CREATE TABLE `opportunities` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lead_id` integer NOT NULL,
	`pipeline_stage_id` integer NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`amount` numeric NOT NULL,
	`expected_on` integer,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`lead_id`) REFERENCES `leads`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`pipeline_stage_id`) REFERENCES `pipeline_stages`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_opportunities" CHECK("opportunities"."amount" >= 0)
);

CREATE INDEX `ix_opportunities_lead_id` ON `opportunities` (`lead_id`);
CREATE INDEX `ix_opportunities_pipeline_stage_id` ON `opportunities` (`pipeline_stage_id`);
CREATE INDEX `ix_opportunities_status_expected_on` ON `opportunities` (`status`,`expected_on`);
CREATE UNIQUE INDEX `opportunities_pair` ON `opportunities` (`lead_id`,`pipeline_stage_id`,`id`);
CREATE TABLE `pipeline_stages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`pipeline_id` integer NOT NULL,
	`position` integer NOT NULL,
	`name` text(120) NOT NULL,
	`win_rate` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`pipeline_id`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_pipeline_stages_pipeline_id` ON `pipeline_stages` (`pipeline_id`);
CREATE TABLE `pipelines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `pipelines_code_uq` ON `pipelines` (`code`);
CREATE TABLE `segment_members` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`segment_id` integer NOT NULL,
	`contact_id` integer NOT NULL,
	`score` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`segment_id`) REFERENCES `segments`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`contact_id`) REFERENCES `contacts`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_segment_members_segment_id` ON `segment_members` (`segment_id`);
CREATE INDEX `ix_segment_members_contact_id` ON `segment_members` (`contact_id`);
CREATE TABLE `segments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`rule` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `segments_code_uq` ON `segments` (`code`);
CREATE TABLE `tags` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `tags_code_unique` ON `tags` (`code`);
CREATE TABLE `locations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`warehouse_id` integer NOT NULL,
	`parent_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`parent_id`) REFERENCES `locations`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `locations_code_uq` ON `locations` (`code`);
CREATE INDEX `ix_locations_warehouse_id` ON `locations` (`warehouse_id`);
CREATE INDEX `ix_locations_parent_id` ON `locations` (`parent_id`);
CREATE TABLE `lots` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`made_on` integer,
	`expires_on` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE UNIQUE INDEX `lots_code_unique` ON `lots` (`code`);
CREATE INDEX `ix_lots_product_id` ON `lots` (`product_id`);
CREATE TABLE `product_categories` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`parent_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`parent_id`) REFERENCES `product_categories`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `product_categories_code_unique` ON `product_categories` (`code`);
CREATE INDEX `ix_product_categories_parent_id` ON `product_categories` (`parent_id`);
CREATE TABLE `product_images` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`url` text NOT NULL,
	`position` integer DEFAULT 7 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_product_images_product_id` ON `product_images` (`product_id`);
CREATE TABLE `product_variants` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`price` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_product_variants" CHECK("product_variants"."price" >= 0)
);

CREATE UNIQUE INDEX `product_variants_code_unique` ON `product_variants` (`code`);
CREATE INDEX `ix_product_variants_product_id` ON `product_variants` (`product_id`);
CREATE TABLE `products` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_category_id` integer NOT NULL,
	`unit_id` integer NOT NULL,
	`sku` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`price` numeric NOT NULL,
	`barcode` text(60),
	`weight` real,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_category_id`) REFERENCES `product_categories`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`unit_id`) REFERENCES `units`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_products" CHECK("products"."price" >= 0)
);

CREATE UNIQUE INDEX `products_sku_unique` ON `products` (`sku`);
CREATE INDEX `ix_products_product_category_id` ON `products` (`product_category_id`);
CREATE INDEX `ix_products_unit_id` ON `products` (`unit_id`);
CREATE TABLE `reservations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`stock_level_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`until` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`stock_level_id`) REFERENCES `stock_levels`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_reservations_stock_level_id` ON `reservations` (`stock_level_id`);
CREATE TABLE `serial_numbers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`lot_id` integer,
	`code` text(40) NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`lot_id`) REFERENCES `lots`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `serial_numbers_code_uq` ON `serial_numbers` (`code`);
CREATE INDEX `ix_serial_numbers_product_id` ON `serial_numbers` (`product_id`);
CREATE INDEX `ix_serial_numbers_lot_id` ON `serial_numbers` (`lot_id`);
CREATE TABLE `stock_count_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`stock_count_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`difference` real,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`stock_count_id`) REFERENCES `stock_counts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_stock_count_lines_stock_count_id` ON `stock_count_lines` (`stock_count_id`);
CREATE INDEX `ix_stock_count_lines_product_id` ON `stock_count_lines` (`product_id`);
CREATE UNIQUE INDEX `stock_count_lines_pair` ON `stock_count_lines` (`stock_count_id`,`product_id`,`id`);
CREATE TABLE `stock_counts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`warehouse_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`counted_on` integer NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE UNIQUE INDEX `stock_counts_code_unique` ON `stock_counts` (`code`);
CREATE INDEX `ix_stock_counts_warehouse_id` ON `stock_counts` (`warehouse_id`);
CREATE INDEX `ix_stock_counts_status_counted_on` ON `stock_counts` (`status`,`counted_on`);
CREATE TABLE `stock_levels` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`location_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`reserved` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`location_id`) REFERENCES `locations`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_stock_levels_product_id` ON `stock_levels` (`product_id`);
CREATE INDEX `ix_stock_levels_location_id` ON `stock_levels` (`location_id`);
CREATE UNIQUE INDEX `stock_levels_pair` ON `stock_levels` (`product_id`,`location_id`,`id`);
CREATE TABLE `stock_moves` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`from_id` integer NOT NULL,
	`to_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`moved_at` integer NOT NULL,
	`reason` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`from_id`) REFERENCES `locations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`to_id`) REFERENCES `locations`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_stock_moves_product_id` ON `stock_moves` (`product_id`);
CREATE INDEX `ix_stock_moves_from_id` ON `stock_moves` (`from_id`);
CREATE INDEX `ix_stock_moves_to_id` ON `stock_moves` (`to_id`);
CREATE TABLE `units` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`factor` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `units_code_uq` ON `units` (`code`);
CREATE TABLE `warehouses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`branch_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`branch_id`) REFERENCES `branches`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `warehouses_code_unique` ON `warehouses` (`code`);
CREATE INDEX `ix_warehouses_branch_id` ON `warehouses` (`branch_id`);
CREATE TABLE `attendance` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`came_at` text NOT NULL,
	`went_at` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_attendance_employee_id` ON `attendance` (`employee_id`);
CREATE TABLE `contracts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`starts_on` integer NOT NULL,
	`ends_on` text,
	`hours` numeric NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_contracts_employee_id` ON `contracts` (`employee_id`);
CREATE INDEX `ix_contracts_status_starts_on` ON `contracts` (`status`,`starts_on`);
CREATE TABLE `departments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`company_id` integer NOT NULL,
	`manager_id` integer,
	`parent_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`manager_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`parent_id`) REFERENCES `departments`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `departments_code_unique` ON `departments` (`code`);
CREATE INDEX `ix_departments_company_id` ON `departments` (`company_id`);
CREATE INDEX `ix_departments_manager_id` ON `departments` (`manager_id`);
CREATE INDEX `ix_departments_parent_id` ON `departments` (`parent_id`);
CREATE TABLE `employee_skills` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`skill_id` integer NOT NULL,
	`level` integer DEFAULT 0 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`skill_id`) REFERENCES `skills`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_employee_skills_employee_id` ON `employee_skills` (`employee_id`);
CREATE INDEX `ix_employee_skills_skill_id` ON `employee_skills` (`skill_id`);
CREATE TABLE `employees` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`department_id` integer NOT NULL,
	`position_id` integer NOT NULL,
	`user_id` integer,
	`no` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`email` text(160),
	`hired_on` text NOT NULL,
	`left_on` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`department_id`) REFERENCES `departments`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`position_id`) REFERENCES `positions`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `employees_no_uq` ON `employees` (`no`);
CREATE INDEX `ix_employees_department_id` ON `employees` (`department_id`);
CREATE INDEX `ix_employees_position_id` ON `employees` (`position_id`);
CREATE INDEX `ix_employees_user_id` ON `employees` (`user_id`);
CREATE TABLE `expense_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`expense_report_id` integer NOT NULL,
	`amount` numeric DEFAULT '0' NOT NULL,
	`spent_on` text NOT NULL,
	`text` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`expense_report_id`) REFERENCES `expense_reports`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_expense_lines" CHECK("expense_lines"."amount" >= 0)
);

CREATE INDEX `ix_expense_lines_expense_report_id` ON `expense_lines` (`expense_report_id`);
CREATE TABLE `expense_reports` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`total` numeric DEFAULT '0' NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_expense_reports" CHECK("expense_reports"."total" >= 0)
);

CREATE UNIQUE INDEX `expense_reports_code_unique` ON `expense_reports` (`code`);
CREATE INDEX `ix_expense_reports_employee_id` ON `expense_reports` (`employee_id`);
CREATE TABLE `leave_requests` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`leave_type_id` integer NOT NULL,
	`from_on` integer NOT NULL,
	`to_on` text NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`leave_type_id`) REFERENCES `leave_types`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_leave_requests_employee_id` ON `leave_requests` (`employee_id`);
CREATE INDEX `ix_leave_requests_leave_type_id` ON `leave_requests` (`leave_type_id`);
CREATE INDEX `ix_leave_requests_status_from_on` ON `leave_requests` (`status`,`from_on`);
CREATE UNIQUE INDEX `leave_requests_pair` ON `leave_requests` (`employee_id`,`leave_type_id`,`id`);
CREATE TABLE `leave_types` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`days` integer DEFAULT 7 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `leave_types_code_uq` ON `leave_types` (`code`);
CREATE TABLE `positions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`grade` integer DEFAULT 0 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `positions_code_uq` ON `positions` (`code`);
CREATE TABLE `salaries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`currency_id` integer NOT NULL,
	`amount` numeric DEFAULT '0' NOT NULL,
	`from_on` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "ck_salaries" CHECK("salaries"."amount" >= 0)
);

CREATE INDEX `ix_salaries_employee_id` ON `salaries` (`employee_id`);
CREATE INDEX `ix_salaries_currency_id` ON `salaries` (`currency_id`);
CREATE UNIQUE INDEX `salaries_pair` ON `salaries` (`employee_id`,`currency_id`,`id`);
CREATE TABLE `skills` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `skills_code_uq` ON `skills` (`code`);
CREATE TABLE `training_attendances` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`training_id` integer NOT NULL,
	`employee_id` integer NOT NULL,
	`passed` integer DEFAULT true NOT NULL,
	`grade` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`training_id`) REFERENCES `trainings`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_training_attendances_training_id` ON `training_attendances` (`training_id`);
CREATE INDEX `ix_training_attendances_employee_id` ON `training_attendances` (`employee_id`);
CREATE UNIQUE INDEX `training_attendances_pair` ON `training_attendances` (`training_id`,`employee_id`,`id`);
CREATE TABLE `trainings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`cost` numeric NOT NULL,
	`held_on` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	CONSTRAINT "ck_trainings" CHECK("trainings"."cost" >= 0)
);

CREATE UNIQUE INDEX `trainings_code_unique` ON `trainings` (`code`);
CREATE TABLE `commissions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`employee_id` integer NOT NULL,
	`rate` real NOT NULL,
	`amount` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_commissions" CHECK("commissions"."amount" >= 0)
);

CREATE INDEX `ix_commissions_order_id` ON `commissions` (`order_id`);
CREATE INDEX `ix_commissions_employee_id` ON `commissions` (`employee_id`);
CREATE UNIQUE INDEX `commissions_pair` ON `commissions` (`order_id`,`employee_id`,`id`);
CREATE TABLE `customer_addresses` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`country_id` integer NOT NULL,
	`street` text(120) NOT NULL,
	`city` text(120) NOT NULL,
	`zip` text(60) NOT NULL,
	`kind` text(60) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_customer_addresses_customer_id` ON `customer_addresses` (`customer_id`);
CREATE INDEX `ix_customer_addresses_country_id` ON `customer_addresses` (`country_id`);
CREATE UNIQUE INDEX `customer_addresses_pair` ON `customer_addresses` (`customer_id`,`country_id`,`id`);
CREATE TABLE `customers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`country_id` integer,
	`price_list_id` integer,
	`sales_team_id` integer,
	`no` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`email` text(160),
	`phone` text(60),
	`credit` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`sales_team_id`) REFERENCES `sales_teams`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "ck_customers" CHECK("customers"."credit" >= 0)
);

CREATE UNIQUE INDEX `customers_no_uq` ON `customers` (`no`);
CREATE INDEX `ix_customers_country_id` ON `customers` (`country_id`);
CREATE INDEX `ix_customers_price_list_id` ON `customers` (`price_list_id`);
CREATE INDEX `ix_customers_sales_team_id` ON `customers` (`sales_team_id`);
CREATE TABLE `discounts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`price_list_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`rate` real NOT NULL,
	`from_on` text,
	`to_on` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE UNIQUE INDEX `discounts_code_unique` ON `discounts` (`code`);
CREATE INDEX `ix_discounts_price_list_id` ON `discounts` (`price_list_id`);
CREATE TABLE `order_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`user_id` integer,
	`kind` text(60) NOT NULL,
	`happened_at` text NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_order_events_order_id` ON `order_events` (`order_id`);
CREATE INDEX `ix_order_events_user_id` ON `order_events` (`user_id`);
CREATE TABLE `order_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`position` integer NOT NULL,
	`quantity` real NOT NULL,
	`price` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_order_lines" CHECK("order_lines"."price" >= 0)
);

CREATE INDEX `ix_order_lines_order_id` ON `order_lines` (`order_id`);
CREATE INDEX `ix_order_lines_product_id` ON `order_lines` (`product_id`);
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`quote_id` integer,
	`branch_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`ordered_on` text NOT NULL,
	`total` numeric DEFAULT '0' NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`quote_id`) REFERENCES `quotes`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`branch_id`) REFERENCES `branches`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_orders" CHECK("orders"."total" >= 0)
);

CREATE UNIQUE INDEX `orders_no_uq` ON `orders` (`no`);
CREATE INDEX `ix_orders_customer_id` ON `orders` (`customer_id`);
CREATE INDEX `ix_orders_quote_id` ON `orders` (`quote_id`);
CREATE INDEX `ix_orders_branch_id` ON `orders` (`branch_id`);
CREATE INDEX `ix_orders_status_ordered_on` ON `orders` (`status`,`ordered_on`);
CREATE INDEX `orders_no_low` ON `orders` (lower("no"),"created_at" desc);
CREATE UNIQUE INDEX `orders_u` ON `orders` (`no`,`created_at`) WHERE "orders"."deleted_at" is null;
CREATE TABLE `price_list_items` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`price_list_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`price` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_price_list_items" CHECK("price_list_items"."price" >= 0)
);

CREATE INDEX `ix_price_list_items_price_list_id` ON `price_list_items` (`price_list_id`);
CREATE INDEX `ix_price_list_items_product_id` ON `price_list_items` (`product_id`);
CREATE TABLE `price_lists` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`currency_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`from_on` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `price_lists_code_unique` ON `price_lists` (`code`);
CREATE INDEX `ix_price_lists_currency_id` ON `price_lists` (`currency_id`);
CREATE TABLE `promotions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`rate` real NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `promotions_code_unique` ON `promotions` (`code`);
CREATE INDEX `ix_promotions_product_id` ON `promotions` (`product_id`);
CREATE TABLE `quote_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`quote_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`position` integer DEFAULT 0 NOT NULL,
	`quantity` real NOT NULL,
	`price` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`quote_id`) REFERENCES `quotes`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_quote_lines" CHECK("quote_lines"."price" >= 0)
);

CREATE INDEX `ix_quote_lines_quote_id` ON `quote_lines` (`quote_id`);
CREATE INDEX `ix_quote_lines_product_id` ON `quote_lines` (`product_id`);
CREATE TABLE `quotes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`quoted_on` integer NOT NULL,
	`total` numeric NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_quotes" CHECK("quotes"."total" >= 0)
);

CREATE UNIQUE INDEX `quotes_no_unique` ON `quotes` (`no`);
CREATE INDEX `ix_quotes_customer_id` ON `quotes` (`customer_id`);
CREATE INDEX `ix_quotes_status_quoted_on` ON `quotes` (`status`,`quoted_on`);
CREATE TABLE `returns` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`returned_on` integer NOT NULL,
	`reason` text,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `returns_no_unique` ON `returns` (`no`);
CREATE INDEX `ix_returns_order_id` ON `returns` (`order_id`);
CREATE INDEX `ix_returns_status_returned_on` ON `returns` (`status`,`returned_on`);
CREATE TABLE `sales_teams` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`lead_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`lead_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `sales_teams_code_unique` ON `sales_teams` (`code`);
CREATE INDEX `ix_sales_teams_lead_id` ON `sales_teams` (`lead_id`);
CREATE TABLE `purchase_order_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`purchase_order_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`position` integer DEFAULT 0 NOT NULL,
	`quantity` real NOT NULL,
	`price` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`purchase_order_id`) REFERENCES `purchase_orders`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_purchase_order_lines" CHECK("purchase_order_lines"."price" >= 0)
);

CREATE INDEX `ix_purchase_order_lines_purchase_order_id` ON `purchase_order_lines` (`purchase_order_id`);
CREATE INDEX `ix_purchase_order_lines_product_id` ON `purchase_order_lines` (`product_id`);
CREATE TABLE `purchase_orders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`supplier_id` integer NOT NULL,
	`requisition_id` integer,
	`no` text(40) NOT NULL,
	`ordered_on` text NOT NULL,
	`total` numeric DEFAULT '0' NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`requisition_id`) REFERENCES `requisitions`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "ck_purchase_orders" CHECK("purchase_orders"."total" >= 0)
);

CREATE UNIQUE INDEX `purchase_orders_no_uq` ON `purchase_orders` (`no`);
CREATE INDEX `ix_purchase_orders_supplier_id` ON `purchase_orders` (`supplier_id`);
CREATE INDEX `ix_purchase_orders_requisition_id` ON `purchase_orders` (`requisition_id`);
CREATE INDEX `ix_purchase_orders_status_ordered_on` ON `purchase_orders` (`status`,`ordered_on`);
CREATE TABLE `receipt_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`receipt_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`lot_id` integer,
	`quantity` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`receipt_id`) REFERENCES `receipts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`lot_id`) REFERENCES `lots`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_receipt_lines_receipt_id` ON `receipt_lines` (`receipt_id`);
CREATE INDEX `ix_receipt_lines_product_id` ON `receipt_lines` (`product_id`);
CREATE INDEX `ix_receipt_lines_lot_id` ON `receipt_lines` (`lot_id`);
CREATE UNIQUE INDEX `receipt_lines_pair` ON `receipt_lines` (`receipt_id`,`product_id`,`id`);
CREATE TABLE `receipts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`purchase_order_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`received_on` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`purchase_order_id`) REFERENCES `purchase_orders`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `receipts_no_unique` ON `receipts` (`no`);
CREATE INDEX `ix_receipts_purchase_order_id` ON `receipts` (`purchase_order_id`);
CREATE TABLE `requisition_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`requisition_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`requisition_id`) REFERENCES `requisitions`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_requisition_lines_requisition_id` ON `requisition_lines` (`requisition_id`);
CREATE INDEX `ix_requisition_lines_product_id` ON `requisition_lines` (`product_id`);
CREATE TABLE `requisitions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`needed_on` integer,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `requisitions_no_unique` ON `requisitions` (`no`);
CREATE INDEX `ix_requisitions_employee_id` ON `requisitions` (`employee_id`);
CREATE INDEX `ix_requisitions_status_needed_on` ON `requisitions` (`status`,`needed_on`);
CREATE TABLE `supplier_contacts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`supplier_id` integer NOT NULL,
	`name` text(120) NOT NULL,
	`email` text(160),
	`phone` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_supplier_contacts_supplier_id` ON `supplier_contacts` (`supplier_id`);
CREATE TABLE `supplier_invoice_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`supplier_invoice_id` integer NOT NULL,
	`product_id` integer,
	`text` text(60),
	`amount` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`supplier_invoice_id`) REFERENCES `supplier_invoices`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_supplier_invoice_lines" CHECK("supplier_invoice_lines"."amount" >= 0)
);

CREATE INDEX `ix_supplier_invoice_lines_supplier_invoice_id` ON `supplier_invoice_lines` (`supplier_invoice_id`);
CREATE INDEX `ix_supplier_invoice_lines_product_id` ON `supplier_invoice_lines` (`product_id`);
CREATE TABLE `supplier_invoices` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`supplier_id` integer NOT NULL,
	`purchase_order_id` integer,
	`no` text(40) NOT NULL,
	`total` numeric NOT NULL,
	`due_on` integer,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`purchase_order_id`) REFERENCES `purchase_orders`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "ck_supplier_invoices" CHECK("supplier_invoices"."total" >= 0)
);

CREATE UNIQUE INDEX `supplier_invoices_no_uq` ON `supplier_invoices` (`no`);
CREATE INDEX `ix_supplier_invoices_supplier_id` ON `supplier_invoices` (`supplier_id`);
CREATE INDEX `ix_supplier_invoices_purchase_order_id` ON `supplier_invoices` (`purchase_order_id`);
CREATE INDEX `ix_supplier_invoices_status_due_on` ON `supplier_invoices` (`status`,`due_on`);
CREATE TABLE `supplier_products` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`supplier_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`code` text(60) NOT NULL,
	`price` numeric NOT NULL,
	`days` integer DEFAULT 7 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_supplier_products" CHECK("supplier_products"."price" >= 0)
);

CREATE INDEX `ix_supplier_products_supplier_id` ON `supplier_products` (`supplier_id`);
CREATE INDEX `ix_supplier_products_product_id` ON `supplier_products` (`product_id`);
CREATE TABLE `supplier_ratings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`supplier_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`rated_on` integer NOT NULL,
	`points` integer NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_supplier_ratings_supplier_id` ON `supplier_ratings` (`supplier_id`);
CREATE INDEX `ix_supplier_ratings_user_id` ON `supplier_ratings` (`user_id`);
CREATE TABLE `suppliers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`country_id` integer,
	`no` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`email` text(160),
	`rating` integer DEFAULT 7 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`country_id`) REFERENCES `countries`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `suppliers_no_unique` ON `suppliers` (`no`);
CREATE INDEX `ix_suppliers_country_id` ON `suppliers` (`country_id`);
CREATE TABLE `account_types` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`side` text(60) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `account_types_code_unique` ON `account_types` (`code`);
CREATE TABLE `accounts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_type_id` integer NOT NULL,
	`parent_id` integer,
	`currency_id` integer,
	`no` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`account_type_id`) REFERENCES `account_types`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `accounts_no_unique` ON `accounts` (`no`);
CREATE INDEX `ix_accounts_account_type_id` ON `accounts` (`account_type_id`);
CREATE INDEX `ix_accounts_parent_id` ON `accounts` (`parent_id`);
CREATE INDEX `ix_accounts_currency_id` ON `accounts` (`currency_id`);
CREATE TABLE `bank_accounts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`company_id` integer NOT NULL,
	`currency_id` integer NOT NULL,
	`iban` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`currency_id`) REFERENCES `currencies`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `bank_accounts_iban_unique` ON `bank_accounts` (`iban`);
CREATE INDEX `ix_bank_accounts_company_id` ON `bank_accounts` (`company_id`);
CREATE INDEX `ix_bank_accounts_currency_id` ON `bank_accounts` (`currency_id`);
CREATE TABLE `bank_statement_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`bank_statement_id` integer NOT NULL,
	`booked_on` integer NOT NULL,
	`amount` numeric NOT NULL,
	`text` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`bank_statement_id`) REFERENCES `bank_statements`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_bank_statement_lines_bank_statement_id` ON `bank_statement_lines` (`bank_statement_id`);
CREATE TABLE `bank_statements` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`bank_account_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`from_on` integer NOT NULL,
	`balance` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`bank_account_id`) REFERENCES `bank_accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_bank_statements" CHECK("bank_statements"."balance" >= 0)
);

CREATE UNIQUE INDEX `bank_statements_no_unique` ON `bank_statements` (`no`);
CREATE INDEX `ix_bank_statements_bank_account_id` ON `bank_statements` (`bank_account_id`);
CREATE TABLE `budget_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`budget_id` integer NOT NULL,
	`account_id` integer NOT NULL,
	`amount` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`budget_id`) REFERENCES `budgets`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "ck_budget_lines" CHECK("budget_lines"."amount" >= 0)
);

CREATE INDEX `ix_budget_lines_budget_id` ON `budget_lines` (`budget_id`);
CREATE INDEX `ix_budget_lines_account_id` ON `budget_lines` (`account_id`);
CREATE TABLE `budgets` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`fiscal_year_id` integer NOT NULL,
	`department_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`total` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`fiscal_year_id`) REFERENCES `fiscal_years`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`department_id`) REFERENCES `departments`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "ck_budgets" CHECK("budgets"."total" >= 0)
);

CREATE UNIQUE INDEX `budgets_code_uq` ON `budgets` (`code`);
CREATE INDEX `ix_budgets_fiscal_year_id` ON `budgets` (`fiscal_year_id`);
CREATE INDEX `ix_budgets_department_id` ON `budgets` (`department_id`);
CREATE TABLE `fiscal_periods` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`fiscal_year_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`starts_on` integer NOT NULL,
	`ends_on` text NOT NULL,
	`is_open` integer DEFAULT true NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`fiscal_year_id`) REFERENCES `fiscal_years`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `fiscal_periods_code_unique` ON `fiscal_periods` (`code`);
CREATE INDEX `ix_fiscal_periods_fiscal_year_id` ON `fiscal_periods` (`fiscal_year_id`);
CREATE TABLE `fiscal_years` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`company_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`starts_on` integer NOT NULL,
	`ends_on` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE UNIQUE INDEX `fiscal_years_code_unique` ON `fiscal_years` (`code`);
CREATE INDEX `ix_fiscal_years_company_id` ON `fiscal_years` (`company_id`);
CREATE TABLE `journal_entries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`journal_id` integer NOT NULL,
	`fiscal_period_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`booked_on` integer NOT NULL,
	`memo` text(60),
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`journal_id`) REFERENCES `journals`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`fiscal_period_id`) REFERENCES `fiscal_periods`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `journal_entries_no_unique` ON `journal_entries` (`no`);
CREATE INDEX `ix_journal_entries_journal_id` ON `journal_entries` (`journal_id`);
CREATE INDEX `ix_journal_entries_fiscal_period_id` ON `journal_entries` (`fiscal_period_id`);
CREATE INDEX `ix_journal_entries_status_booked_on` ON `journal_entries` (`status`,`booked_on`);
CREATE TABLE `journal_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`journal_entry_id` integer NOT NULL,
	`account_id` integer NOT NULL,
	`debit` numeric DEFAULT '0' NOT NULL,
	`credit` numeric NOT NULL,
	`memo` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`journal_entry_id`) REFERENCES `journal_entries`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_journal_lines" CHECK("journal_lines"."debit" >= 0)
);

CREATE INDEX `ix_journal_lines_journal_entry_id` ON `journal_lines` (`journal_entry_id`);
CREATE INDEX `ix_journal_lines_account_id` ON `journal_lines` (`account_id`);
CREATE TABLE `journals` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `journals_code_uq` ON `journals` (`code`);
CREATE INDEX `ix_journals_account_id` ON `journals` (`account_id`);
CREATE TABLE `payment_terms` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`days` integer NOT NULL,
	`discount` real,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `payment_terms_code_uq` ON `payment_terms` (`code`);
CREATE TABLE `payments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`bank_account_id` integer NOT NULL,
	`customer_id` integer,
	`supplier_id` integer,
	`no` text(40) NOT NULL,
	`paid_on` integer NOT NULL,
	`amount` numeric NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`bank_account_id`) REFERENCES `bank_accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`supplier_id`) REFERENCES `suppliers`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `payments_no_unique` ON `payments` (`no`);
CREATE INDEX `ix_payments_bank_account_id` ON `payments` (`bank_account_id`);
CREATE INDEX `ix_payments_customer_id` ON `payments` (`customer_id`);
CREATE INDEX `ix_payments_supplier_id` ON `payments` (`supplier_id`);
CREATE INDEX `ix_payments_status_paid_on` ON `payments` (`status`,`paid_on`);
CREATE TABLE `tax_groups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `tax_groups_code_unique` ON `tax_groups` (`code`);
CREATE TABLE `taxes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`tax_group_id` integer NOT NULL,
	`account_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`rate` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`tax_group_id`) REFERENCES `tax_groups`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `taxes_code_uq` ON `taxes` (`code`);
CREATE INDEX `ix_taxes_tax_group_id` ON `taxes` (`tax_group_id`);
CREATE INDEX `ix_taxes_account_id` ON `taxes` (`account_id`);
CREATE TABLE `credit_note_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`credit_note_id` integer NOT NULL,
	`product_id` integer,
	`quantity` real NOT NULL,
	`price` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`credit_note_id`) REFERENCES `credit_notes`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "ck_credit_note_lines" CHECK("credit_note_lines"."price" >= 0)
);

CREATE INDEX `ix_credit_note_lines_credit_note_id` ON `credit_note_lines` (`credit_note_id`);
CREATE INDEX `ix_credit_note_lines_product_id` ON `credit_note_lines` (`product_id`);
CREATE TABLE `credit_notes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`invoice_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`credited_on` integer NOT NULL,
	`total` numeric NOT NULL,
	`reason` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_credit_notes" CHECK("credit_notes"."total" >= 0)
);

CREATE UNIQUE INDEX `credit_notes_no_unique` ON `credit_notes` (`no`);
CREATE INDEX `ix_credit_notes_invoice_id` ON `credit_notes` (`invoice_id`);
CREATE TABLE `dunning_levels` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`days` integer DEFAULT 0 NOT NULL,
	`fee` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	CONSTRAINT "ck_dunning_levels" CHECK("dunning_levels"."fee" >= 0)
);

CREATE UNIQUE INDEX `dunning_levels_code_uq` ON `dunning_levels` (`code`);
CREATE TABLE `dunnings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`invoice_id` integer NOT NULL,
	`dunning_level_id` integer NOT NULL,
	`sent_on` integer NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`dunning_level_id`) REFERENCES `dunning_levels`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_dunnings_invoice_id` ON `dunnings` (`invoice_id`);
CREATE INDEX `ix_dunnings_dunning_level_id` ON `dunnings` (`dunning_level_id`);
CREATE INDEX `ix_dunnings_status_sent_on` ON `dunnings` (`status`,`sent_on`);
CREATE UNIQUE INDEX `dunnings_pair` ON `dunnings` (`invoice_id`,`dunning_level_id`,`id`);
CREATE TABLE `invoice_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`invoice_id` integer NOT NULL,
	`product_id` integer,
	`tax_id` integer,
	`position` integer DEFAULT 7 NOT NULL,
	`quantity` real NOT NULL,
	`price` numeric DEFAULT '0' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`tax_id`) REFERENCES `taxes`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_invoice_lines" CHECK("invoice_lines"."price" >= 0)
);

CREATE INDEX `ix_invoice_lines_invoice_id` ON `invoice_lines` (`invoice_id`);
CREATE INDEX `ix_invoice_lines_product_id` ON `invoice_lines` (`product_id`);
CREATE INDEX `ix_invoice_lines_tax_id` ON `invoice_lines` (`tax_id`);
CREATE TABLE `invoices` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`order_id` integer,
	`payment_term_id` integer,
	`no` text(40) NOT NULL,
	`invoiced_on` integer NOT NULL,
	`due_on` text,
	`total` numeric DEFAULT '0' NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`payment_term_id`) REFERENCES `payment_terms`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ck_invoices" CHECK("invoices"."total" >= 0)
);

CREATE UNIQUE INDEX `invoices_no_unique` ON `invoices` (`no`);
CREATE INDEX `ix_invoices_customer_id` ON `invoices` (`customer_id`);
CREATE INDEX `ix_invoices_order_id` ON `invoices` (`order_id`);
CREATE INDEX `ix_invoices_payment_term_id` ON `invoices` (`payment_term_id`);
CREATE INDEX `ix_invoices_status_invoiced_on` ON `invoices` (`status`,`invoiced_on`);
CREATE TABLE `receivables` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`invoice_id` integer NOT NULL,
	`account_id` integer NOT NULL,
	`amount` numeric DEFAULT '0' NOT NULL,
	`due_on` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "ck_receivables" CHECK("receivables"."amount" >= 0)
);

CREATE INDEX `ix_receivables_invoice_id` ON `receivables` (`invoice_id`);
CREATE INDEX `ix_receivables_account_id` ON `receivables` (`account_id`);
CREATE UNIQUE INDEX `receivables_pair` ON `receivables` (`invoice_id`,`account_id`,`id`);
CREATE TABLE `subscription_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`subscription_id` integer NOT NULL,
	`kind` text(60) NOT NULL,
	`happened_at` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`subscription_id`) REFERENCES `subscriptions`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_subscription_events_subscription_id` ON `subscription_events` (`subscription_id`);
CREATE TABLE `subscription_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`subscription_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`price` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`subscription_id`) REFERENCES `subscriptions`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict,
	CONSTRAINT "ck_subscription_lines" CHECK("subscription_lines"."price" >= 0)
);

CREATE INDEX `ix_subscription_lines_subscription_id` ON `subscription_lines` (`subscription_id`);
CREATE INDEX `ix_subscription_lines_product_id` ON `subscription_lines` (`product_id`);
CREATE UNIQUE INDEX `subscription_lines_pair` ON `subscription_lines` (`subscription_id`,`product_id`,`id`);
CREATE TABLE `subscriptions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`price_list_id` integer,
	`no` text(40) NOT NULL,
	`starts_on` text NOT NULL,
	`ends_on` integer,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`price_list_id`) REFERENCES `price_lists`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `subscriptions_no_uq` ON `subscriptions` (`no`);
CREATE INDEX `ix_subscriptions_customer_id` ON `subscriptions` (`customer_id`);
CREATE INDEX `ix_subscriptions_price_list_id` ON `subscriptions` (`price_list_id`);
CREATE INDEX `ix_subscriptions_status_starts_on` ON `subscriptions` (`status`,`starts_on`);
CREATE TABLE `carriers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`phone` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `carriers_code_uq` ON `carriers` (`code`);
CREATE TABLE `drivers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer,
	`carrier_id` integer,
	`licence` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`carrier_id`) REFERENCES `carriers`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `drivers_licence_unique` ON `drivers` (`licence`);
CREATE INDEX `ix_drivers_employee_id` ON `drivers` (`employee_id`);
CREATE INDEX `ix_drivers_carrier_id` ON `drivers` (`carrier_id`);
CREATE TABLE `route_stops` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`route_id` integer NOT NULL,
	`customer_address_id` integer,
	`position` integer DEFAULT 7 NOT NULL,
	`planned_at` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`route_id`) REFERENCES `routes`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`customer_address_id`) REFERENCES `customer_addresses`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_route_stops_route_id` ON `route_stops` (`route_id`);
CREATE INDEX `ix_route_stops_customer_address_id` ON `route_stops` (`customer_address_id`);
CREATE TABLE `routes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`vehicle_id` integer,
	`driver_id` integer,
	`code` text(40) NOT NULL,
	`driven_on` integer NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`vehicle_id`) REFERENCES `vehicles`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`driver_id`) REFERENCES `drivers`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `routes_code_unique` ON `routes` (`code`);
CREATE INDEX `ix_routes_vehicle_id` ON `routes` (`vehicle_id`);
CREATE INDEX `ix_routes_driver_id` ON `routes` (`driver_id`);
CREATE INDEX `ix_routes_status_driven_on` ON `routes` (`status`,`driven_on`);
CREATE TABLE `shipment_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`shipment_id` integer NOT NULL,
	`kind` text(60) NOT NULL,
	`happened_at` integer NOT NULL,
	`place` text(120),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`shipment_id`) REFERENCES `shipments`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_shipment_events_shipment_id` ON `shipment_events` (`shipment_id`);
CREATE TABLE `shipment_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`shipment_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`shipment_id`) REFERENCES `shipments`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_shipment_lines_shipment_id` ON `shipment_lines` (`shipment_id`);
CREATE INDEX `ix_shipment_lines_product_id` ON `shipment_lines` (`product_id`);
CREATE TABLE `shipments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`order_id` integer NOT NULL,
	`carrier_id` integer NOT NULL,
	`route_id` integer,
	`no` text(40) NOT NULL,
	`shipped_on` text,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`carrier_id`) REFERENCES `carriers`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`route_id`) REFERENCES `routes`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `shipments_no_uq` ON `shipments` (`no`);
CREATE INDEX `ix_shipments_order_id` ON `shipments` (`order_id`);
CREATE INDEX `ix_shipments_carrier_id` ON `shipments` (`carrier_id`);
CREATE INDEX `ix_shipments_route_id` ON `shipments` (`route_id`);
CREATE INDEX `ix_shipments_status_shipped_on` ON `shipments` (`status`,`shipped_on`);
CREATE TABLE `vehicles` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`carrier_id` integer,
	`plate` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`capacity` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`carrier_id`) REFERENCES `carriers`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `vehicles_plate_unique` ON `vehicles` (`plate`);
CREATE INDEX `ix_vehicles_carrier_id` ON `vehicles` (`carrier_id`);
CREATE TABLE `article_versions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`knowledge_article_id` integer NOT NULL,
	`number` integer NOT NULL,
	`body` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`knowledge_article_id`) REFERENCES `knowledge_articles`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_article_versions_knowledge_article_id` ON `article_versions` (`knowledge_article_id`);
CREATE TABLE `feedback` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`ticket_id` integer NOT NULL,
	`points` integer DEFAULT 7 NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`ticket_id`) REFERENCES `tickets`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_feedback_ticket_id` ON `feedback` (`ticket_id`);
CREATE TABLE `knowledge_articles` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`ticket_category_id` integer,
	`code` text(40) NOT NULL,
	`title` text(120) DEFAULT 'it''s' NOT NULL,
	`body` text NOT NULL,
	`is_active` integer DEFAULT false NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`ticket_category_id`) REFERENCES `ticket_categories`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `knowledge_articles_code_uq` ON `knowledge_articles` (`code`);
CREATE INDEX `ix_knowledge_articles_ticket_category_id` ON `knowledge_articles` (`ticket_category_id`);
CREATE TABLE `service_levels` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`hours` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL
);

CREATE UNIQUE INDEX `service_levels_code_unique` ON `service_levels` (`code`);
CREATE TABLE `ticket_categories` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`parent_id` integer,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`parent_id`) REFERENCES `ticket_categories`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `ticket_categories_code_uq` ON `ticket_categories` (`code`);
CREATE INDEX `ix_ticket_categories_parent_id` ON `ticket_categories` (`parent_id`);
CREATE TABLE `ticket_messages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`ticket_id` integer NOT NULL,
	`user_id` integer,
	`body` text NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`ticket_id`) REFERENCES `tickets`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_ticket_messages_ticket_id` ON `ticket_messages` (`ticket_id`);
CREATE INDEX `ix_ticket_messages_user_id` ON `ticket_messages` (`user_id`);
CREATE TABLE `tickets` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer NOT NULL,
	`ticket_category_id` integer,
	`service_level_id` integer,
	`owner_id` integer,
	`no` text(40) NOT NULL,
	`title` text(120) DEFAULT 'it''s' NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`closed_at` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`ticket_category_id`) REFERENCES `ticket_categories`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`service_level_id`) REFERENCES `service_levels`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE UNIQUE INDEX `tickets_no_uq` ON `tickets` (`no`);
CREATE INDEX `ix_tickets_customer_id` ON `tickets` (`customer_id`);
CREATE INDEX `ix_tickets_ticket_category_id` ON `tickets` (`ticket_category_id`);
CREATE INDEX `ix_tickets_service_level_id` ON `tickets` (`service_level_id`);
CREATE INDEX `ix_tickets_owner_id` ON `tickets` (`owner_id`);
CREATE TABLE `audit_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer,
	`area` text(60) NOT NULL,
	`row_no` integer DEFAULT 0 NOT NULL,
	`happened_at` text NOT NULL,
	`detail` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_audit_events_user_id` ON `audit_events` (`user_id`);
CREATE TABLE `document_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`document_id` integer NOT NULL,
	`area` text(60) NOT NULL,
	`row_no` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`document_id`) REFERENCES `documents`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_document_links_document_id` ON `document_links` (`document_id`);
CREATE TABLE `document_versions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`document_id` integer NOT NULL,
	`number` integer NOT NULL,
	`url` text DEFAULT '{"a":[1,2.5,null],"b":"x"}' NOT NULL,
	`size` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`document_id`) REFERENCES `documents`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_document_versions_document_id` ON `document_versions` (`document_id`);
CREATE TABLE `documents` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`title` text(120) DEFAULT 'it''s' NOT NULL,
	`kind` text(60) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `documents_code_unique` ON `documents` (`code`);
CREATE INDEX `ix_documents_user_id` ON `documents` (`user_id`);
CREATE TABLE `bom_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`bom_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`bom_id`) REFERENCES `boms`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_bom_lines_bom_id` ON `bom_lines` (`bom_id`);
CREATE INDEX `ix_bom_lines_product_id` ON `bom_lines` (`product_id`);
CREATE TABLE `boms` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`version` integer DEFAULT 0 NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `boms_code_uq` ON `boms` (`code`);
CREATE INDEX `ix_boms_product_id` ON `boms` (`product_id`);
CREATE TABLE `machine_states` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`machine_id` integer NOT NULL,
	`state` text(60) NOT NULL,
	`since` integer NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_machine_states_machine_id` ON `machine_states` (`machine_id`);
CREATE TABLE `machines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`work_center_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`bought_on` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`work_center_id`) REFERENCES `work_centers`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE UNIQUE INDEX `machines_code_unique` ON `machines` (`code`);
CREATE INDEX `ix_machines_work_center_id` ON `machines` (`work_center_id`);
CREATE TABLE `production_order_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`production_order_id` integer NOT NULL,
	`routing_step_id` integer NOT NULL,
	`done` real NOT NULL,
	`minutes` integer DEFAULT 0,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`routing_step_id`) REFERENCES `routing_steps`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`production_order_id`) REFERENCES `production_orders`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_production_order_lines_production_order_id` ON `production_order_lines` (`production_order_id`);
CREATE INDEX `ix_production_order_lines_routing_step_id` ON `production_order_lines` (`routing_step_id`);
CREATE TABLE `production_orders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`bom_id` integer NOT NULL,
	`no` text(40) NOT NULL,
	`planned_on` integer NOT NULL,
	`quantity` real NOT NULL,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`bom_id`) REFERENCES `boms`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE UNIQUE INDEX `production_orders_no_unique` ON `production_orders` (`no`);
CREATE INDEX `ix_production_orders_bom_id` ON `production_orders` (`bom_id`);
CREATE INDEX `ix_production_orders_status_planned_on` ON `production_orders` (`status`,`planned_on`);
CREATE TABLE `quality_checks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`product_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`limit_low` real,
	`limit_high` numeric,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `quality_checks_code_unique` ON `quality_checks` (`code`);
CREATE INDEX `ix_quality_checks_product_id` ON `quality_checks` (`product_id`);
CREATE TABLE `quality_results` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`quality_check_id` integer NOT NULL,
	`production_order_id` integer NOT NULL,
	`value` numeric NOT NULL,
	`passed` integer DEFAULT false NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`quality_check_id`) REFERENCES `quality_checks`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`production_order_id`) REFERENCES `production_orders`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_quality_results_quality_check_id` ON `quality_results` (`quality_check_id`);
CREATE INDEX `ix_quality_results_production_order_id` ON `quality_results` (`production_order_id`);
CREATE UNIQUE INDEX `quality_results_pair` ON `quality_results` (`quality_check_id`,`production_order_id`,`id`);
CREATE TABLE `routing_steps` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`routing_id` integer NOT NULL,
	`work_center_id` integer NOT NULL,
	`position` integer DEFAULT 7 NOT NULL,
	`minutes` integer DEFAULT 7 NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`routing_id`) REFERENCES `routings`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`work_center_id`) REFERENCES `work_centers`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_routing_steps_routing_id` ON `routing_steps` (`routing_id`);
CREATE INDEX `ix_routing_steps_work_center_id` ON `routing_steps` (`work_center_id`);
CREATE UNIQUE INDEX `routing_steps_pair` ON `routing_steps` (`routing_id`,`work_center_id`,`id`);
CREATE TABLE `routings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`bom_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`bom_id`) REFERENCES `boms`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE UNIQUE INDEX `routings_code_unique` ON `routings` (`code`);
CREATE INDEX `ix_routings_bom_id` ON `routings` (`bom_id`);
CREATE TABLE `scrap_records` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`production_order_id` integer NOT NULL,
	`product_id` integer NOT NULL,
	`quantity` numeric NOT NULL,
	`reason` text(60),
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`production_order_id`) REFERENCES `production_orders`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`product_id`) REFERENCES `products`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_scrap_records_production_order_id` ON `scrap_records` (`production_order_id`);
CREATE INDEX `ix_scrap_records_product_id` ON `scrap_records` (`product_id`);
CREATE UNIQUE INDEX `scrap_records_pair` ON `scrap_records` (`production_order_id`,`product_id`,`id`);
CREATE TABLE `work_centers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`warehouse_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`rate` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`warehouse_id`) REFERENCES `warehouses`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ck_work_centers" CHECK("work_centers"."rate" >= 0)
);

CREATE UNIQUE INDEX `work_centers_code_unique` ON `work_centers` (`code`);
CREATE INDEX `ix_work_centers_warehouse_id` ON `work_centers` (`warehouse_id`);
CREATE TABLE `issues` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project_id` integer NOT NULL,
	`task_id` integer,
	`title` text(120) DEFAULT 'it''s' NOT NULL,
	`body` text,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_issues_project_id` ON `issues` (`project_id`);
CREATE INDEX `ix_issues_task_id` ON `issues` (`task_id`);
CREATE TABLE `milestones` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project_id` integer NOT NULL,
	`name` text(120) DEFAULT 'it''s' NOT NULL,
	`due_on` text NOT NULL,
	`done_on` integer,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_milestones_project_id` ON `milestones` (`project_id`);
CREATE TABLE `project_budgets` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project_id` integer NOT NULL,
	`account_id` integer,
	`amount` numeric NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "ck_project_budgets" CHECK("project_budgets"."amount" >= 0)
);

CREATE INDEX `ix_project_budgets_project_id` ON `project_budgets` (`project_id`);
CREATE INDEX `ix_project_budgets_account_id` ON `project_budgets` (`account_id`);
CREATE TABLE `project_members` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project_id` integer NOT NULL,
	`employee_id` integer NOT NULL,
	`share` real NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `ix_project_members_project_id` ON `project_members` (`project_id`);
CREATE INDEX `ix_project_members_employee_id` ON `project_members` (`employee_id`);
CREATE TABLE `projects` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`customer_id` integer,
	`leader_id` integer NOT NULL,
	`code` text(40) NOT NULL,
	`name` text(120) NOT NULL,
	`starts_on` text NOT NULL,
	`ends_on` integer,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`customer_id`) REFERENCES `customers`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`leader_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE UNIQUE INDEX `projects_code_unique` ON `projects` (`code`);
CREATE INDEX `ix_projects_customer_id` ON `projects` (`customer_id`);
CREATE INDEX `ix_projects_leader_id` ON `projects` (`leader_id`);
CREATE INDEX `ix_projects_status_starts_on` ON `projects` (`status`,`starts_on`);
CREATE TABLE `risks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project_id` integer NOT NULL,
	`title` text(120) NOT NULL,
	`weight` integer NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_risks_project_id` ON `risks` (`project_id`);
CREATE TABLE `task_dependencies` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`task_id` integer NOT NULL,
	`needed_id` integer NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE restrict,
	FOREIGN KEY (`needed_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);

CREATE INDEX `ix_task_dependencies_task_id` ON `task_dependencies` (`task_id`);
CREATE INDEX `ix_task_dependencies_needed_id` ON `task_dependencies` (`needed_id`);
CREATE UNIQUE INDEX `task_dependencies_pair` ON `task_dependencies` (`task_id`,`needed_id`,`id`);
CREATE TABLE `tasks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project_id` integer NOT NULL,
	`milestone_id` integer,
	`parent_id` integer,
	`employee_id` integer,
	`title` text(120) DEFAULT 'it''s' NOT NULL,
	`hours` numeric,
	`status` text DEFAULT 'draft' NOT NULL,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`milestone_id`) REFERENCES `milestones`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`parent_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE set null
);

CREATE INDEX `ix_tasks_project_id` ON `tasks` (`project_id`);
CREATE INDEX `ix_tasks_milestone_id` ON `tasks` (`milestone_id`);
CREATE INDEX `ix_tasks_parent_id` ON `tasks` (`parent_id`);
CREATE INDEX `ix_tasks_employee_id` ON `tasks` (`employee_id`);
CREATE TABLE `timesheets` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`employee_id` integer NOT NULL,
	`task_id` integer NOT NULL,
	`worked_on` integer NOT NULL,
	`hours` real NOT NULL,
	`note` text,
	`created_at` integer DEFAULT (unixepoch()) NOT NULL,
	`updated_at` integer DEFAULT (cast((julianday('now') - 2440587.5)*86400000 as integer)),
	`deleted_at` text DEFAULT NULL,
	FOREIGN KEY (`employee_id`) REFERENCES `employees`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE restrict
);

CREATE INDEX `ix_timesheets_employee_id` ON `timesheets` (`employee_id`);
CREATE INDEX `ix_timesheets_task_id` ON `timesheets` (`task_id`);
CREATE TABLE `everything` (
	`id` integer PRIMARY KEY NOT NULL,
	`a` blob,
	`b` integer DEFAULT false,
	`c` real DEFAULT 1.5,
	`d` numeric DEFAULT '3',
	`e` char(12) DEFAULT 'it''s high',
	`f` text DEFAULT 'x',
	`g` text DEFAULT '[]',
	`upper` text GENERATED ALWAYS AS (upper("f")) VIRTUAL,
	`sum` integer GENERATED ALWAYS AS (b + 1) STORED
);

CREATE UNIQUE INDEX `everything_b_c_unique` ON `everything` (`b`,`c`);
CREATE UNIQUE INDEX `everything_d` ON `everything` (`d`);
CREATE TABLE `app_links` (
	`from_id` integer,
	`to_id` integer,
	PRIMARY KEY(`from_id`, `to_id`),
	FOREIGN KEY (`from_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`to_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE no action
);

CREATE INDEX `links_to` ON `app_links` (`to_id`);
CREATE TABLE `app_single` (
	`a` text PRIMARY KEY,
	`b` integer
);

CREATE VIEW `v_open_orders` AS select "orders"."id", "orders"."no" from "orders" where ("orders"."no" = 'it''s' and "orders"."total" is not null);
