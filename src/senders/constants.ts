/** Senders of one source: all of them are in the edge's cache, and tried on every request without a key. */
export const MAX_SENDERS_PER_SOURCE = 200;

/** Longest name of a sender, in characters. */
export const MAX_SENDER_NAME_CHARS = 100;

/** Most addresses and networks of one sender. */
export const MAX_SENDER_IPS = 20;

/** Longest address or network, in characters: an IPv6 one with a length and some room. */
export const MAX_NETWORK_CHARS = 64;

/** Longest text that a user agent is looked through for, in characters. */
export const MAX_USER_AGENT_CHARS = 200;

/** Length of a key that its owner brings along, in characters: a shorter one could be guessed. */
export const MIN_OWN_KEY_CHARS = 8;
export const MAX_OWN_KEY_CHARS = 200;

/** A shorter own key is not hinted at: its last four characters would be too much of it. */
export const MIN_HINTED_KEY_CHARS = 12;

/** Newest events of a source's database that are looked at to count senders. */
export const MAX_COUNTED_EVENTS = 10_000;

/** Most senders that are counted apart: anybody can make up user agents. */
export const MAX_COUNTED_SENDERS = 500;

/** How far back senders are counted when nobody says from when: 24 h. */
export const COUNTED_WINDOW_MS = 24 * 60 * 60 * 1000;
