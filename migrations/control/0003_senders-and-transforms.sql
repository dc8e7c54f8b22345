CREATE TABLE `destination_counts` (
	`destination_id` text NOT NULL,
	`day` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`destination_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `senders` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`name` text NOT NULL,
	`key_hash` text NOT NULL,
	`key_hint` text NOT NULL,
	`match` text,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `senders_key_hash_unique` ON `senders` (`key_hash`);--> statement-breakpoint
CREATE INDEX `senders_source` ON `senders` (`source_id`);--> statement-breakpoint
ALTER TABLE `rules` ADD `transform` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `preset` text DEFAULT 'generic' NOT NULL;--> statement-breakpoint
ALTER TABLE `sources` ADD `require_sender` integer DEFAULT false NOT NULL;
