export { SEND_RATE } from "./constants.ts";
export { limitSends } from "./limit-sends.ts";
export { refuseSocket } from "./refuse-socket.ts";
export { serveChatSocket } from "./serve-chat-socket.ts";
export { servePresenceSocket } from "./serve-presence-socket.ts";
