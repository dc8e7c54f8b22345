CREATE TABLE `dedup_keys` (
	`source_id` text NOT NULL,
	`key` text NOT NULL,
	`event_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`source_id`, `key`)
) WITHOUT ROWID;
