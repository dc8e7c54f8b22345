-- Keyed by time-ordered ids and WITHOUT ROWID: one row written per insert, where a TEXT-keyed rowid table costs two.
CREATE TABLE `attempts` (
	`delivery_id` text NOT NULL,
	`number` integer NOT NULL,
	`id` text NOT NULL,
	`started_at` integer NOT NULL,
	`duration_ms` integer,
	`outcome` text NOT NULL,
	`reason` text,
	`request` text,
	`request_body` blob,
	`response` text,
	`response_body` blob,
	PRIMARY KEY(`delivery_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`rule_id` text,
	`destination_id` text NOT NULL,
	`status` text NOT NULL,
	`end_reason` text,
	`created_at` integer NOT NULL,
	`next_attempt_at` integer,
	`lease_id` text,
	`lease_until` integer,
	`late` integer DEFAULT 0 NOT NULL,
	`uncounted` integer DEFAULT 0 NOT NULL,
	`edit_headers` text,
	`edit_body` blob,
	`attempt` integer NOT NULL,
	`attempt_id` text,
	`started_at` integer,
	`duration_ms` integer,
	`outcome` text,
	`reason` text,
	`request` text,
	`request_body` blob,
	`response` text,
	`response_body` blob
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_event` ON `deliveries` (`event_id`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`next_attempt_at`) WHERE status IN ('pending', 'retrying');--> statement-breakpoint
CREATE INDEX `deliveries_late_leases` ON `deliveries` (`lease_until`) WHERE status = 'delivering' AND late = 1;--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`sender_id` text,
	`sender_name` text NOT NULL,
	`received_at` integer NOT NULL,
	`hops` integer NOT NULL,
	`status` text NOT NULL,
	`routed_at` integer,
	`method` text NOT NULL,
	`host` text NOT NULL,
	`path` text NOT NULL,
	`query` text NOT NULL,
	`headers` text NOT NULL,
	`content_type` text,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`body` blob,
	`body_key` text,
	`ip` text,
	`network` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `malformed_tasks` (
	`message_id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`body` text NOT NULL,
	`reason` text NOT NULL,
	`received_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `stray_counts` (
	`day` text NOT NULL,
	`host` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`day`, `host`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `strays` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text,
	`host` text NOT NULL,
	`method` text NOT NULL,
	`path` text NOT NULL,
	`query` text NOT NULL,
	`headers` text NOT NULL,
	`size` integer NOT NULL,
	`body` blob,
	`ip` text,
	`reason` text NOT NULL,
	`received_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `watermarks` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
