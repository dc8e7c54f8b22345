/** Largest body that is read as a forwarded message, in bytes: phones send far less. */
export const MAX_SMS_BYTES = 64 * 1024;
/** Most of a text that is looked at, in UTF-16 units: a long SMS has 2,000 bytes, some gateways join several. */
export const MAX_SMS_CHARS = 4000;
/** Deepest JSON that is searched for a message. */
export const MAX_SMS_JSON_DEPTH = 64;
/** How far a one-time code may stand from its label, in UTF-16 units. */
export const MAX_CODE_DISTANCE = 60;
/** A message tells of what has been: its time lies at most this far behind its arrival's. */
export const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;
/** Korean alerts carry no zone; Korea has no daylight saving time. */
export const SEOUL_OFFSET_MS = 9 * 60 * 60 * 1000;
