CREATE TABLE `alert_settings` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`destination_id` text NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`destination_id`) REFERENCES `destinations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`check` text NOT NULL,
	`kind` text NOT NULL,
	`summary` text NOT NULL,
	`link` text NOT NULL,
	`created_at` integer NOT NULL,
	`status` text NOT NULL,
	`attempt` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer,
	`destination_id` text,
	`reason` text,
	`sent_at` integer,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `alerts_organization` ON `alerts` (`organization_id`,`id`);--> statement-breakpoint
CREATE INDEX `alerts_due` ON `alerts` (`next_attempt_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE TABLE `health_checks` (
	`name` text PRIMARY KEY NOT NULL,
	`organization_id` text,
	`state` text NOT NULL,
	`since` integer NOT NULL,
	`evidence` text
);
--> statement-breakpoint
ALTER TABLE `sources` ADD `retention_changed_at` integer;--> statement-breakpoint
CREATE INDEX `destinations_disabled` ON `destinations` (`id`) WHERE disabled_reason IS NOT NULL;