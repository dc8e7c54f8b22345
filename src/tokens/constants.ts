/** `iss` of the tokens that we make; no other issuer may be registered under it. */
export const OWN_ISSUER = "baton";
/** How we sign them. */
export const OWN_ALGORITHM = "HS256";

/** Longest life of a token of ours: a rotation of the master key waits as long before the old one goes. */
export const MAX_TOKEN_LIFE_SECONDS = 24 * 60 * 60;
export const DEFAULT_TOKEN_LIFE_SECONDS = 60 * 60;

/** Longest token that is read, in characters. One of ours with every pattern it may have is shorter. */
export const MAX_TOKEN_CHARS = 16 * 1024;

/** Patterns of a token for one action: each is tried on a name. */
export const MAX_PATTERNS = 50;
/** A pattern is as long as a channel's name may be. */
export const MAX_PATTERN_CHARS = 100;

/** How far an issuer's clock may be ahead of ours. `exp` has none: a stream ends at it. */
export const CLOCK_LEEWAY_SECONDS = 30;

/** The last time that can be written (ms UTC): an issuer may put any number into `exp`. */
export const LATEST_TIME_MS = 8.64e15;

/**
 * How another issuer may sign: with a private key only. A secret (`HS…`) would be one that we had to know, and a public
 * key taken for a secret is the classic forgery.
 */
export const ISSUER_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Issuers of one organization. */
export const MAX_TOKEN_ISSUERS = 20;
export const MAX_ISSUER_NAME_CHARS = 100;
export const MAX_ISSUER_CHARS = 500;
export const MAX_JWKS_URL_CHARS = 2000;

/** Longest wait for what an issuer publishes, from the call to the last byte. */
export const ISSUER_TIMEOUT_MS = 5000;
/** A key set, or what says where it is, has a few KB; what is larger is something else. */
export const MAX_ISSUER_ANSWER_BYTES = 64 * 1024;
export const MAX_JWKS_KEYS = 100;
/** How long an issuer's keys are used without asking again, per isolate: a key that it takes back counts until then. */
export const JWKS_CACHE_MS = 5 * 60 * 1000;
/** A key that is not among them is asked for at most this often: anybody can make up key ids. */
export const JWKS_REFETCH_MS = 30 * 1000;
/** After a failure it is left alone for as long: every waiting client would ask. */
export const JWKS_FAILED_MS = 10 * 1000;
/** How often one request looks whether another one has the keys by now. */
export const JWKS_LOOK_MS = 25;
/** Key sets in an isolate's memory. */
export const MAX_CACHED_JWKS = 200;
