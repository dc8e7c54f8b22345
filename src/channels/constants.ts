/** Frames that a channel keeps. */
export const LOG_FRAMES = 1000;
/** How long a channel keeps a frame. */
export const LOG_AGE_MS = 24 * 60 * 60 * 1000;
/** How often a channel looks for frames beyond that age. */
export const PRUNE_EVERY_MS = 60 * 60 * 1000;
/** How long a publisher's idempotency key is known. */
export const KEY_WINDOW_MS = 24 * 60 * 60 * 1000;

export const MAX_CHANNEL_NAME_CHARS = 100;
export const MAX_EVENT_NAME_CHARS = 100;
/** Of one frame's `data`, as JSON in UTF-8. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Frames of one publish. */
export const MAX_PUBLISH_FRAMES = 100;
/** Of one object: the platform's own limit is 32,768, its CPU ends earlier. */
export const MAX_SOCKETS = 10_000;

/** Frames that come within this time go out together. */
export const COALESCE_MS = 5;
/** Or within this, where there are many sockets: less than the sending takes, so nobody waits longer for it. */
export const COALESCE_MS_PER_SOCKET = 0.025;
/** Sockets that are sent to before others have a turn. */
export const SOCKETS_AT_ONCE = 256;
/** A stream's socket counts as this many, since a Worker is woken for each. */
export const SOCKETS_A_BRIDGE = 8;
/** Frames that may wait to be sent before their publishers wait too. */
export const MAX_PENDING_FRAMES = 100;
/** What a socket that acknowledges may have under way. */
export const MAX_UNACKED_BYTES = 1024 * 1024;
/** What a socket that never acknowledges gets before it must be heard of again: any message, or a `ping`. */
export const MAX_UNHEARD_BYTES = 4 * 1024 * 1024;
/** Of one message to a socket, when it catches up. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/** A receiver acknowledges after this much. */
export const ACK_EVERY_BYTES = 128 * 1024;

/** Longest life of a stream: one of a deleted key or a deleted token issuer ends by then. */
export const MAX_STREAM_LIFE_MS = 60 * 60 * 1000;

/** How often a stream shows that it is alive. A reader's going is seen by the second: that is within 2 s. */
export const HEARTBEAT_MS = 700;
/** How often a stream asks whether its channel is there, and how long it waits for the answer. */
export const PING_EVERY_MS = 30_000;
export const PONG_WITHIN_MS = 10_000;
/** Of one long poll. */
export const MAX_POLL_WAIT_SECONDS = 25;

/** Names that a frame of a publisher may not have. */
export const RESERVED_EVENTS = ["ready", "gap", "end"] as const;

/** Why a channel closes a socket; the streams made of it say the same in their `end` frame. */
export const CLOSE_REASONS = {
  4401: "token_expired",
  4408: "slow_consumer",
  4409: "renew",
  4429: "too_many_sockets",
} as const;
export type CloseCode = keyof typeof CLOSE_REASONS;
