CREATE TABLE `kakao_accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`relay_token_hash` text NOT NULL,
	`relay_token_version` integer DEFAULT 1 NOT NULL,
	`rate_limit_per_minute` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kakao_accounts_relay_token_hash_unique` ON `kakao_accounts` (`relay_token_hash`);--> statement-breakpoint
CREATE INDEX `kakao_accounts_organization` ON `kakao_accounts` (`organization_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `kakao_codes` (
	`code` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`source_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`session_id`) REFERENCES `kakao_sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `kakao_codes_session` ON `kakao_codes` (`session_id`);--> statement-breakpoint
CREATE INDEX `kakao_codes_age` ON `kakao_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `kakao_conversations` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`key` text NOT NULL,
	`user_key` text NOT NULL,
	`state` text NOT NULL,
	`account_id` text,
	`paired_at` integer,
	`last_seen_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`wrong_codes` integer DEFAULT 0 NOT NULL,
	`wrong_codes_since` integer,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `kakao_accounts`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kakao_conversations_key` ON `kakao_conversations` (`source_id`,`key`);--> statement-breakpoint
CREATE INDEX `kakao_conversations_account` ON `kakao_conversations` (`account_id`) WHERE account_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `kakao_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`account_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`conversation_key` text NOT NULL,
	`event_id` text,
	`payload` text NOT NULL,
	`text` text NOT NULL,
	`user_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`dedup_key` text NOT NULL,
	`callback_url` text,
	`callback_until` integer,
	`held_until` integer,
	`status` text NOT NULL,
	`delivered_at` integer,
	`created_at` integer NOT NULL,
	`answer_state` text,
	`answer` text,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `kakao_accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kakao_messages_dedup` ON `kakao_messages` (`conversation_id`,`dedup_key`);--> statement-breakpoint
CREATE INDEX `kakao_messages_account` ON `kakao_messages` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `kakao_messages_queued` ON `kakao_messages` (`account_id`,`created_at`,`id`) WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX `kakao_messages_late` ON `kakao_messages` (`conversation_id`) WHERE answer_state = 'late';--> statement-breakpoint
CREATE INDEX `kakao_messages_age` ON `kakao_messages` (`created_at`);--> statement-breakpoint
CREATE TABLE `kakao_replies` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`message_id` text NOT NULL,
	`conversation_key` text NOT NULL,
	`response` text NOT NULL,
	`status` text NOT NULL,
	`error_message` text,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `kakao_accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `kakao_replies_account` ON `kakao_replies` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `kakao_replies_age` ON `kakao_replies` (`created_at`);--> statement-breakpoint
CREATE TABLE `kakao_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`source_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`status` text NOT NULL,
	`account_id` text,
	`paired_conversation_key` text,
	`paired_at` integer,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`source_id`) REFERENCES `sources`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`account_id`) REFERENCES `kakao_accounts`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `kakao_sessions_token_hash_unique` ON `kakao_sessions` (`token_hash`);--> statement-breakpoint
CREATE INDEX `kakao_sessions_organization` ON `kakao_sessions` (`organization_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `kakao_sessions_account` ON `kakao_sessions` (`account_id`) WHERE account_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `kakao_sessions_open` ON `kakao_sessions` (`expires_at`) WHERE status <> 'paired';