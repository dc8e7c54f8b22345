import { block, listBlocks, unblock } from "../chat/index.ts";
import type { Call, CallInput } from "./call.ts";
import { countUnread } from "./count-unread.ts";
import { invalid, isUserId } from "./read-fields.ts";

export const userCalls: readonly Call[] = [
  {
    method: "GET",
    path: "/me",
    isNew: true,
    serve: async (ctx) => ({
      userId: ctx.user.id,
      name: ctx.user.name,
      unread: await countUnread(ctx),
    }),
  },
  { method: "GET", path: "/blocks", isNew: true, serve: (ctx) => listBlocks(ctx) },
  {
    method: "GET",
    path: "/blocks/:userId",
    isNew: true,
    serve: async (ctx, input) => {
      const userId = userIdOf(input);
      return { userId, isBlocked: (await listBlocks(ctx)).includes(userId) };
    },
  },
  {
    method: "PUT",
    path: "/blocks/:userId",
    isNew: true,
    serve: (ctx, input) => block(ctx, { userId: userIdOf(input) }),
  },
  {
    method: "DELETE",
    path: "/blocks/:userId",
    isNew: true,
    serve: (ctx, input) => unblock(ctx, { userId: userIdOf(input) }),
  },
];

function userIdOf({ params: { userId } }: CallInput): string {
  if (!isUserId(userId)) throw invalid("userId");
  return userId;
}
