import { and, eq } from "drizzle-orm";
import { type ChatContext, type Hint, userTopic } from "../chat/index.ts";
import { chatUsers } from "../db/schema/chat.ts";
import { DEPARTURE_GRACE_MS } from "./constants.ts";
import { selectRecentFriends } from "./select-friends.ts";
import { type ConnectionKind, tellArrival } from "./tell-arrival.ts";
import { countConnections, presenceTopic, tellUsers } from "./topics.ts";

/** Tells friends that a user has gone, when the connection that is closed was the last one and none comes soon. */
export async function tellDeparture(ctx: ChatContext, kind: ConnectionKind): Promise<void> {
  await scheduler.wait(DEPARTURE_GRACE_MS);
  const { chat, presence } = await countConnections(ctx);
  if (presence === 0 && kind === "presence") await forgetPage(ctx);
  const isGone = chat + presence === 0;
  // Where they are is known no more, even when they still chat.
  const isHidden = presence === 0 && (kind === "presence" || isGone);
  if (!isGone && !isHidden) return;
  const friends = await selectRecentFriends(ctx);
  if (isHidden) {
    const frame = { type: "presence-timeout", userId: ctx.user.id };
    await tellUsers(ctx, friends, presenceTopic, frame);
  }
  if (!isGone) return;
  const now = Date.now();
  await markGone(ctx, now);
  const hint: Hint = {
    type: "presence",
    userId: ctx.user.id,
    isOnline: false,
    lastSeenAt: new Date(now).toISOString(),
  };
  await tellUsers(ctx, friends, userTopic, hint);
  // Somebody who came meanwhile has told it before this was told.
  const after = await countConnections(ctx);
  if (after.chat + after.presence > 0) await tellArrival(ctx, kind);
}

const ownRow = ({ user }: ChatContext) =>
  and(eq(chatUsers.organizationId, user.organizationId), eq(chatUsers.userId, user.id));

async function markGone(ctx: ChatContext, lastSeenAt: number): Promise<void> {
  await ctx.db.update(chatUsers).set({ lastSeenAt }).where(ownRow(ctx));
}

/** The page of one who comes back may be another one. */
async function forgetPage(ctx: ChatContext): Promise<void> {
  await ctx.db.update(chatUsers).set({ page: null }).where(ownRow(ctx));
}
