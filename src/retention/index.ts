export { noteDeletedSource } from "./note-deleted-source.ts";
export { pruneBodies } from "./prune-bodies.ts";
export { pruneEvents } from "./prune-events.ts";
