export { MAX_FRAME_BYTES, MAX_STREAM_LIFE_MS } from "./constants.ts";
export { formatPosition, type Position, parsePosition } from "./frame-id.ts";
export { type Bridge, openBridge } from "./open-bridge.ts";
export { retryDelayMs } from "./retry-delay.ts";
export type { Channels, NewFrame, Ordered, Published } from "./rpc.ts";
export { sourceTopic, topicName } from "./rpc.ts";
export { STREAM_HEADERS, STREAM_STYLES } from "./stream-channel.ts";
export { type FrameSink, streamFrames } from "./stream-frames.ts";
export { TopicSockets } from "./topic-sockets.ts";
