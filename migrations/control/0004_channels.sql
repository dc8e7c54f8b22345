CREATE TABLE `token_issuers` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`name` text NOT NULL,
	`issuer` text NOT NULL,
	`jwks_url` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `token_issuers_issuer` ON `token_issuers` (`organization_id`,`issuer`);--> statement-breakpoint
ALTER TABLE `organizations` ADD `allowed_origins` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `watched_until` integer;