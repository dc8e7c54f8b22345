export { pruneStored } from "./prune-stored.ts";
