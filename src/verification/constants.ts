/** Largest body that is verified whole, in memory, where a signature cannot be checked in pieces. 1 MiB. */
export const MAX_VERIFIED_BODY_BYTES = 1024 * 1024;

/** How far a sender's clock may be off, and how long a captured request can be sent again, unless a source says otherwise. */
export const DEFAULT_TOLERANCE_SECONDS = 300;
export const MAX_TOLERANCE_SECONDS = 86_400;

/** Secrets of one source at a time: a rotation needs two. */
export const MAX_VERIFICATION_SECRETS = 5;
/** Longest secret, in characters. */
export const MAX_SECRET_CHARS = 1024;
/** A shorter secret is masked whole: its last characters would be too much of it. */
export const MIN_HINTED_SECRET_CHARS = 12;

/** Signatures of one header that are looked at: a sender that rotates keys sends two or three. */
export const MAX_SIGNATURES = 10;

/** Longest challenge that is answered, in characters; those of Slack, Meta and X have less than 100. */
export const MAX_CHALLENGE_CHARS = 256;

/** No token of a CRC is longer: it comes in a URL, of which 16 KiB are taken at most. */
export const MAX_TOKEN_BYTES = 16 * 1024;
