CREATE TABLE `sender_refusals` (
	`source_id` text NOT NULL,
	`sender_id` text NOT NULL,
	`day` text NOT NULL,
	`count` integer NOT NULL,
	`last_at` integer NOT NULL,
	PRIMARY KEY(`source_id`, `sender_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `deliveries` ADD `receipt` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `receipt_due_at` integer;--> statement-breakpoint
CREATE INDEX `deliveries_receipts` ON `deliveries` (`receipt_due_at`) WHERE receipt_due_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `sender_by` text;
