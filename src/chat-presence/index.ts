export { type PresenceList, readPresence } from "./read-presence.ts";
export { readPresenceOf } from "./read-presence-of.ts";
export { tellArrival } from "./tell-arrival.ts";
export { tellDeparture } from "./tell-departure.ts";
export { countConnections, presenceTopic } from "./topics.ts";
export { updatePresence } from "./update-presence.ts";
