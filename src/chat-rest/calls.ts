import type { Call } from "./call.ts";
import { conversationCalls } from "./conversation-calls.ts";
import { messageCalls } from "./message-calls.ts";
import { participantCalls } from "./participant-calls.ts";
import { presenceCalls } from "./presence-calls.ts";
import { userCalls } from "./user-calls.ts";

/** Every call below `/chat`, but the sockets. */
export const CALLS: readonly Call[] = [
  ...conversationCalls,
  ...messageCalls,
  ...participantCalls,
  ...userCalls,
  ...presenceCalls,
];
