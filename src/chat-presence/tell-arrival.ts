import { type ChatContext, type Hint, userTopic } from "../chat/index.ts";
import { SAME_MOMENT_MS } from "./constants.ts";
import { markSeen } from "./mark-seen.ts";
import { selectRecentFriends } from "./select-friends.ts";
import { countConnections, presenceTopic, tellUsers } from "./topics.ts";
import { updateFrame } from "./update-frame.ts";

/** What a connection is of. */
export type ConnectionKind = "chat" | "presence";

/** Tells friends that a user is here, when this connection, which is open, is the first one. */
export async function tellArrival(ctx: ChatContext, kind: ConnectionKind): Promise<void> {
  const before = await markSeen(ctx);
  const { chat, presence } = await countConnections(ctx);
  const isAlone = chat + presence <= 1;
  if (!isAlone && Date.now() - before > SAME_MOMENT_MS) return;
  const friends = await selectRecentFriends(ctx);
  const hint: Hint = {
    type: "presence",
    userId: ctx.user.id,
    isOnline: true,
    lastSeenAt: new Date().toISOString(),
  };
  await tellUsers(ctx, friends, userTopic, hint);
  // A presence client says by itself where it is.
  if (kind === "presence" || presence > 0) return;
  await tellUsers(ctx, friends, presenceTopic, updateFrame(ctx.user.id, null, null));
}
