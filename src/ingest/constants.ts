/** Largest body that is accepted: 25 MiB. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** Largest body kept in its event's row; a D1 row may have 2 MB. Larger ones are streamed to R2. */
export const MAX_INLINE_BODY_BYTES = 256 * 1024;

/** R2's least part size of a multipart upload; also the most of one body that is in memory. */
export const R2_PART_BYTES = 5 * 1024 * 1024;

/** Largest body of a phone: more is not looked into for a message either. */
export const MAX_PHONE_BODY_BYTES = 64 * 1024;

/** Longest path with query that is accepted, in bytes: the platform's own limit on URLs. */
export const MAX_URL_BYTES = 16 * 1024;

/** How many Baton hosts a request may pass before it counts as a loop. */
export const MAX_HOPS = 5;

/** How long an isolate may answer from a source it has looked up; the API promises changes within 5 s. */
export const SOURCE_CACHE_MS = 5000;

/** Most sources an isolate remembers. */
export const MAX_CACHED_SOURCES = 10_000;

/** Largest body of a preset that reads its bodies: one that is at hand. No message of Slack or SENS comes near it. */
export const MAX_MESSAGE_BODY_BYTES = MAX_INLINE_BODY_BYTES;

/** Largest body that `dedup` looks into for a JSON path, like rules do; a larger one has no value there. */
export const MAX_DEDUP_JSON_BYTES = 1024 * 1024;

/** Most bytes of a stray's body that are kept. */
export const MAX_STRAY_BODY_BYTES = 64 * 1024;

/** Most strays kept for one host and UTC day. */
export const MAX_STRAYS_PER_HOST_AND_DAY = 1000;

/** Most strays kept in the whole deployment on one UTC day: made-up host names must not fill the database. */
export const MAX_STRAYS_PER_DAY = 20_000;

/** Longest sender name, in characters. */
export const MAX_SENDER_NAME_CHARS = 200;

/** Most parameters of one request that are tried as keys: each costs two hashes, at `/webhook/sms` a look-up. */
export const MAX_KEY_PARAMETERS = 4;

/** What stands for a secret in what is kept. */
export const MASK = "********";

/** Path of the health check on ingest hosts; every other path belongs to the senders. */
export const INGEST_HEALTH_PATH = "/.well-known/baton/health";
