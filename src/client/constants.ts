/** Of one line, or of one block of an event stream: more is none of ours. A frame's data has at most 64 KiB. */
export const MAX_FRAME_CHARS = 4 * 1024 * 1024;
/** Of a problem's text in an error. */
export const MAX_QUOTED_CHARS = 300;
/** Over a WebSocket, what has been read is acknowledged after so much of it. */
export const ACK_EVERY_UNITS = 128 * 1024;
/** What a `Retry-After` or a `retry:` may ask for: a broken clock would else stop a subscriber for days. */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;
/** A hole in a log is asked for so many times before it counts as gone. */
export const MAX_HOLE_TRIES = 3;
/** `auto` takes the next transport when one has so many times in a row not come through to a server that is there. */
export const MAX_BLOCKED_TRIES = 2;
/** A poll that says nothing sooner than this did not wait, and the next one must. */
export const MIN_POLL_MS = 500;
/** How long a publish is tried again. */
export const PUBLISH_TIMEOUT_MS = 60_000;
/** One try of it. */
export const PUBLISH_TRY_MS = 15_000;
/** How long a chat message is tried. */
export const CHAT_SEND_TIMEOUT_MS = 60_000;
/** Chat messages that are sent ahead of the server's answers. */
export const MAX_CHAT_IN_FLIGHT = 32;
/** A message that the server could not take is sent again after this, or after what it asks for. */
export const MIN_CHAT_RETRY_MS = 1000;
/** Ids of messages that are remembered, so that one which comes again behind a gap is not shown twice. */
export const MAX_SEEN_MESSAGES = 2000;

/** Waiting times of a subscription, in ms. */
export type Timing = {
  /** The first wait before a new connection is at most this; it doubles with each further failure. */
  firstRetryMs: number;
  maxRetryMs: number;
  /** A connection that has lasted so long ends the doubling. */
  stableMs: number;
  /** From the start of a connection to the server's first byte. */
  openMs: number;
  /** A stream that has brought nothing for so long, not even a heartbeat, is dead. */
  silenceMs: number;
  /** A WebSocket is asked this often whether it lives, and must say so within `pongMs`. */
  pingMs: number;
  pongMs: number;
  /** One poll: the server answers after 25 s at the latest. */
  pollMs: number;
};

export const TIMING: Timing = {
  firstRetryMs: 1000,
  maxRetryMs: 30_000,
  stableMs: 10_000,
  openMs: 15_000,
  silenceMs: 45_000,
  pingMs: 25_000,
  pongMs: 10_000,
  pollMs: 45_000,
};
