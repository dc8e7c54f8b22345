export { MAX_STREAM_LIFE_MS } from "./constants.ts";
export { type ChannelRpc, type Channels, type SocketWish, sourceTopic, topicName } from "./rpc.ts";
export { toQuery } from "./socket-wish.ts";
