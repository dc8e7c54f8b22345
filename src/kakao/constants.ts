/** Largest body of any call of the relay: 1 MiB. */
export const MAX_KAKAO_BODY_BYTES = 1024 * 1024;

/** How long a pairing code is good for, and a session waits for its first user. */
export const PAIRING_TTL_MS = 300_000;
/** What a paired session's end is, for clients that read it: 9999-12-31T23:59:59Z. */
export const NEVER_MS = 253_402_300_799_000;

/** Codes that may be open at a time for one session. Each further code would make guessing easier. */
export const MAX_OPEN_CODES = 5;
/** How often a new code is tried that somebody else has; there are 32^8 codes. */
export const MAX_CODE_TRIES = 3;

/** Requests a minute of an account that has no rate of its own. */
export const DEFAULT_RATE_PER_MINUTE = 60;

/** Calls without a token that one address may make. */
export const ADDRESS_RATES = {
  create: { limit: 10, windowMs: 300_000 },
  /** Of a session whose token is in the path; further codes are counted together with its state. */
  status: { limit: 30, windowMs: 60_000 },
};

/** Wrong codes of one user within `WRONG_CODE_WINDOW_MS`; then no code is looked at until the window is over. */
export const MAX_WRONG_CODES = 5;
export const WRONG_CODE_WINDOW_MS = 10 * 60_000;

/** How long a request without a callback URL waits for the agent: Kakao gives a skill server 5 s. */
export const HOLD_MS = 4_500;
/** How often it looks whether the agent has answered. */
export const HOLD_POLL_MS = 200;

/** Two requests with the same body are one that Kakao has repeated when they come in the same 3 s or in neighbouring ones. */
export const REPEAT_BUCKET_MS = 3_000;

/** A message waits so long for the event that its request is stored as; then it goes without naming it. */
export const MAX_EVENT_WAIT_MS = 2_000;

/** A hint that takes longer is given up: the streams read the database again anyway. */
export const MAX_HINT_MS = 2_000;

/** How long messages and answers are kept. */
export const MESSAGE_RETENTION_MS = 7 * 24 * 60 * 60_000;
/** How long a session that never paired, or was disconnected, is kept after its end. */
export const ENDED_SESSION_RETENTION_MS = 24 * 60 * 60_000;
/** Most rows that one run of the job deletes or changes of each kind, a thousand at a time. */
export const MAX_CLEANED_ROWS = 5_000;
export const CLEAN_BATCH_ROWS = 1_000;
/** A callback takes 5 s at most; one that is still `sending` after this has lost its process. */
export const SENDING_TIMEOUT_MS = 60_000;

/** Longest user key or bot id, in characters; Kakao's have 70 at most. */
export const MAX_KEY_CHARS = 300;
/** Largest request with its text beside it, in bytes: a row of D1 has 2 MB. */
export const MAX_MESSAGE_BYTES = 1_900_000;
/** For how long two requests with one callback URL are one: Kakao makes a new one for each message. */
export const SAME_CALLBACK_MS = 60 * 60_000;
/** How long after its end a held request is still given its answer by whoever waits for it. */
export const HELD_GRACE_MS = 2_000;
/** Late answers of one conversation that are looked at: three outputs hold three at the most. */
export const MAX_LATE_ANSWERS = 3;

/** What streams are told of a code that nobody used in time. */
export const CODE_EXPIRED = "Pairing code expired";
/** Codes and sessions that one run of the job ends: each may need a call to tell its streams, of the 1,000 of a run. */
export const EXPIRED_AT_A_TIME = 200;
/** What an account's calls are counted over. */
export const RATE_WINDOW_MS = 60_000;

/** How often a stream says so that clients can see it. */
export const PING_EVERY_MS = 30_000;
/** How often a stream looks into the database without being told. */
export const REREAD_MS = 15_000;
/** How far back it reads again then, for messages that another stream has taken meanwhile. */
export const REREAD_OVERLAP_MS = 5_000;
/** How long it waits to open a socket again that was lost, and up to as long again. */
export const REOPEN_MS = 500;
/**
 * How long after a message was taken the stream is written to again: a reader that has gone is seen only by the write
 * after that. And how long such a write has to fail.
 */
export const PROBE_AFTER_MS = 1_000;
export const PROBE_TAKES_MS = 500;
/** Messages that are read at a time; each holds a request of Kakao. */
export const MESSAGES_AT_A_TIME = 20;

/** Of a callback, from the first byte to the end of its answer. */
export const CALLBACK_TIMEOUT_MS = 5_000;
/** What is kept of Kakao's refusal, for the record. */
export const MAX_REFUSAL_BYTES = 1_024;
/** Parts of a callback URL that are shorter are no secret: they are words of its path. */
export const MIN_SECRET_CHARS = 12;
/** How often a reply looks whether the waiting request has taken it. */
export const HELD_POLL_MS = 100;
/** Deepest JSON of an answer. */
export const MAX_REPLY_JSON_DEPTH = 64;
