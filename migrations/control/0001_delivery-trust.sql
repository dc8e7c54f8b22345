ALTER TABLE `destinations` ADD `rate` text;--> statement-breakpoint
ALTER TABLE `destinations` ADD `ordered` text;--> statement-breakpoint
ALTER TABLE `destinations` ADD `order_key` text;--> statement-breakpoint
ALTER TABLE `destinations` ADD `breaker` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `verification` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `dedup` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `retention_days` integer;