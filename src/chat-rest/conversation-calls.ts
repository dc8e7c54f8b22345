import {
  findDirect,
  getConversation,
  listConversations,
  MAX_LIMIT,
  renameConversation,
  setMuted,
} from "../chat/index.ts";
import type { Call } from "./call.ts";
import { createConversation } from "./create-conversation.ts";
import { invalid, titleOf } from "./read-fields.ts";
import { limitOf, type Query } from "./read-query.ts";
import { firstConversation, firstListed } from "./version-one.ts";

export const conversationCalls: readonly Call[] = [
  {
    method: "POST",
    path: "/conversation",
    fields: ["recipientIdArr", "isGroup", "title", "tempConversationId"],
    serve: (ctx, { body }) => createConversation(ctx, body),
  },
  {
    method: "GET",
    path: "/conversation/direct/:userId",
    serve: (ctx, { params }) => findDirect(ctx, { userId: params.userId }),
  },
  {
    method: "GET",
    path: "/conversations",
    query: ["isRead"],
    newQuery: ["before", "limit"],
    serve: async (ctx, { query }) => {
      const isRead = readFlag(query, "isRead");
      if (ctx.version === 1) {
        return (await listConversations(ctx, { isRead })).items.map(firstListed);
      }
      const limit = query.limit === undefined ? MAX_LIMIT : limitOf(query.limit);
      const { items, next } = await listConversations(ctx, { isRead, before: query.before, limit });
      return { conversations: items, next };
    },
  },
  {
    method: "GET",
    path: "/conversations/:conversationId",
    serve: async (ctx, { params: { conversationId } }) => {
      const conversation = await getConversation(ctx, { conversationId });
      return ctx.version === 1 ? firstConversation(conversation) : conversation;
    },
  },
  {
    method: "PATCH",
    path: "/conversations/:conversationId",
    isNew: true,
    fields: ["title"],
    serve: async (ctx, { params: { conversationId }, body }) => {
      await renameConversation(ctx, { conversationId, title: titleOf(body) });
      return getConversation(ctx, { conversationId });
    },
  },
  {
    method: "PUT",
    path: "/conversations/:conversationId/mute",
    isNew: true,
    serve: async (ctx, { params: { conversationId } }) => {
      await setMuted(ctx, { conversationId, isMuted: true });
    },
  },
  {
    method: "DELETE",
    path: "/conversations/:conversationId/mute",
    isNew: true,
    serve: async (ctx, { params: { conversationId } }) => {
      await setMuted(ctx, { conversationId, isMuted: false });
    },
  },
];

function readFlag(query: Query, name: string): boolean | undefined {
  const value = query[name];
  if (value !== undefined && value !== "true" && value !== "false") throw invalid(name);
  return value === undefined ? undefined : value === "true";
}
