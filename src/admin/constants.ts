/** Largest body of an admin API call: a replay's edited body fits, a flood does not. */
export const MAX_API_BODY_BYTES = 1024 * 1024;

/** Deepest JSON an admin API call may send: deeper is an attack, not a rule. */
export const MAX_API_JSON_DEPTH = 64;
