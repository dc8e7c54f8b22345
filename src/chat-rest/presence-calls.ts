import { readPresence, readPresenceOf } from "../chat-presence/index.ts";
import type { Call } from "./call.ts";

export const presenceCalls: readonly Call[] = [
  { method: "GET", path: "/presence", serve: (ctx) => readPresence(ctx) },
  {
    method: "GET",
    path: "/presence/:userId",
    serve: (ctx, { params: { userId } }) => readPresenceOf(ctx, userId),
  },
];
