export { readHops } from "./capture.ts";
export { MAX_HOPS } from "./constants.ts";
export { findSource, type IngestSource } from "./find-source.ts";
export { storeForSource, type TakenRequest } from "./store-for-source.ts";
