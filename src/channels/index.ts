export { MAX_FRAME_BYTES } from "./constants.ts";
export { type Bridge, openBridge } from "./open-bridge.ts";
export type { Channels, Published } from "./rpc.ts";
export { sourceTopic, topicName } from "./rpc.ts";
export { streamFrames } from "./stream-frames.ts";
