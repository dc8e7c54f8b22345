/** Largest body of an admin API call: a replay's edited body fits, a flood does not. */
export const MAX_API_BODY_BYTES = 1024 * 1024;

/** Deepest JSON an admin API call may send: deeper is an attack, not a rule. */
export const MAX_API_JSON_DEPTH = 64;

/** Longest wait for one part of the deployment in a deep health check, in milliseconds. */
export const HEALTH_TIMEOUT_MS = 5000;

/** How long a deep health check is repeated instead of made again: anybody may ask for one. */
export const HEALTH_CACHE_MS = 1000;
