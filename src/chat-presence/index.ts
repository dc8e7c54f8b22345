export { type PresenceList, readPresence } from "./read-presence.ts";
export { readPresenceOf } from "./read-presence-of.ts";
