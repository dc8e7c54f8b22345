/** How long Kakao waits for a skill server's answer. */
export const SKILL_TIMEOUT_MS = 5_000;
/** How long a callback URL is good for, from when it was made. */
export const CALLBACK_VALID_MS = 60_000;
/** What a callback may have; Kakao's own answers are far smaller. */
export const MAX_CALLBACK_BYTES = 1_048_576;

/** One connection of the agent's stream; then it comes back, as the real plugins do. */
export const STREAM_MS = 300_000;
/** Before the agent comes back to a stream that has ended. */
export const RECONNECT_MS = 1_000;

/** Of one line that a stranger wrote. */
export const MAX_LINE_CHARS = 2_000;

/** Who writes when no other name is given: the same one each time, so that a pairing stays. */
export const DEFAULT_USER = "ryan";
/** What a deployment may be told to allow, where it allows nothing of this machine. */
export const DEFAULT_CALLBACK_ORIGIN = "http://127.0.0.1:18443";
