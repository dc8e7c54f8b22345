import {
  type ChatContext,
  deleteMessage,
  editMessage,
  listMessages,
  readMessages,
  sendMessage,
} from "../chat/index.ts";
import { limitSends } from "../chat-socket/index.ts";
import type { Call, CallInput } from "./call.ts";
import { DEFAULT_LIMIT, MAX_OFFSET } from "./constants.ts";
import { invalid, optionalFieldOf, optionalTextOf, textOf } from "./read-fields.ts";
import { limitOf, numberOf, paramOf, type Query } from "./read-query.ts";
import { firstMessage } from "./version-one.ts";

const MESSAGES = "/conversations/:conversationId/messages";

export const messageCalls: readonly Call[] = [
  {
    method: "GET",
    path: MESSAGES,
    query: ["limit", "offset", "order"],
    newQuery: ["before", "after"],
    serve: serveMessages,
  },
  {
    method: "POST",
    path: MESSAGES,
    isNew: true,
    fields: ["content", "tempMessageId"],
    serve: async (ctx, { params: { conversationId }, body }) => {
      const tempMessageId = optionalFieldOf(body, "tempMessageId");
      const content = textOf(body, "content");
      await limitSends(ctx);
      const sent = await sendMessage(ctx, { conversationId, content, tempMessageId });
      return { conversationId, ...(tempMessageId !== undefined && { tempMessageId }), ...sent };
    },
  },
  {
    method: "PATCH",
    path: `${MESSAGES}/:messageId`,
    isNew: true,
    fields: ["content"],
    serve: async (ctx, { params: { conversationId, messageId }, body }) => {
      const content = textOf(body, "content");
      await limitSends(ctx);
      return editMessage(ctx, { conversationId, messageId, content });
    },
  },
  {
    method: "DELETE",
    path: `${MESSAGES}/:messageId`,
    isNew: true,
    serve: async (ctx, { params: { conversationId, messageId } }) => {
      await limitSends(ctx);
      return deleteMessage(ctx, { conversationId, messageId });
    },
  },
  {
    method: "POST",
    path: "/conversations/:conversationId/read",
    isNew: true,
    fields: ["messageId"],
    serve: (ctx, { params: { conversationId }, body }) =>
      readMessages(ctx, { conversationId, messageId: optionalTextOf(body, "messageId") }),
  },
];

async function serveMessages(ctx: ChatContext, { params, query }: CallInput): Promise<unknown> {
  const { conversationId } = params;
  if (ctx.version === 2) return listMessages(ctx, { conversationId, ...pageOf(query) });
  const limit = limitOf(paramOf(query, "limit"));
  const offset = offsetOf(paramOf(query, "offset"));
  const order = query.order === "asc" ? "asc" : "desc";
  return (await listMessages(ctx, { conversationId, limit, offset, order })).map(firstMessage);
}

/** The page that version 2 asks for: without any parameter the newest one. */
function pageOf({ limit, offset, order, before, after }: Query) {
  if (order !== undefined && order !== "asc" && order !== "desc") {
    throw invalid("order", "give asc or desc");
  }
  if ([offset, before, after].filter((place) => place !== undefined).length > 1) {
    throw invalid("offset", "give only one of before, after and offset");
  }
  return {
    limit: limit === undefined ? DEFAULT_LIMIT : limitOf(limit),
    ...(offset !== undefined && { offset: offsetOf(offset) }),
    ...(order !== undefined && { order: order as "asc" | "desc" }),
    before,
    after,
  };
}

function offsetOf(text: string): number {
  return numberOf(text, "offset", { min: 0, max: MAX_OFFSET });
}
