export { MAX_STREAM_LIFE_MS } from "./constants.ts";
export { type Bridge, openBridge } from "./open-bridge.ts";
export type { Channels } from "./rpc.ts";
export { sourceTopic, topicName } from "./rpc.ts";
export { streamFrames } from "./stream-frames.ts";
