CREATE TABLE `portal_definitions` (
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `name`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `portals` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`base_url` text NOT NULL,
	`enabled` integer NOT NULL,
	`on_deploy` text NOT NULL,
	`is_default` integer NOT NULL,
	`credentials` text,
	`phone` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `portals_organization` ON `portals` (`organization_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `portals_default` ON `portals` (`organization_id`) WHERE is_default = 1;--> statement-breakpoint
ALTER TABLE `senders` ADD `phone` text;