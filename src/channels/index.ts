export { MAX_STREAM_LIFE_MS } from "./constants.ts";
