CREATE TABLE `postponed_events` (
	`event_id` text PRIMARY KEY NOT NULL
) WITHOUT ROWID;