import { type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  AddedParticipants,
  AddParticipants,
  Blocked,
  Conversation,
  ConversationId,
  ConversationPage,
  DeletedMessage,
  EditedMessage,
  EditMessage,
  FirstConversation,
  FirstListed,
  FirstMessage,
  HasRead,
  ListedMessage,
  Me,
  NewConversation,
  Participant,
  PresenceList,
  PresencePage,
  ReadMessages,
  RenameConversation,
  SendMessage,
  SentMessage,
} from "../chat-rest/schemas.ts";
import { jsonBody, jsonResponse } from "./openapi.ts";
import type { AdminEnv } from "./router.ts";

type Described = {
  summary: string;
  description?: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Its answer, and what that is; without one it is 204. */
  answer?: [z.ZodType, string];
};

const CONVERSATION = "/chat/conversations/{conversationId}";
const v = z.enum(["1", "2"]).optional().meta({ description: "`2`: answer as version 2" });
const limit = z.int().min(1).max(100);
const SOCKET = {
  Authorization: z.string().meta({ description: "The token, as it is" }),
  v,
};

const DESCRIBED: Record<string, Described> = {
  "post /chat/conversation": {
    summary: "Find or make a direct conversation, or make a group",
    body: NewConversation,
    answer: [ConversationId, "The conversation"],
  },
  "get /chat/conversation/direct/{userId}": {
    summary: "The direct conversation with a user",
    answer: [ConversationId.nullable(), "The conversation; `null`: there is none"],
  },
  "get /chat/conversations": {
    summary: "The caller's conversations, the newest activity first",
    description:
      "Version 1: all that have a message, 1,000 at most. With `v=2`, `limit` or `before`: pages, also of those without one.",
    query: z.object({
      isRead: z.enum(["true", "false"]).optional(),
      limit: limit.optional(),
      before: z.string().optional().meta({ description: "`next` of the page before" }),
      v,
    }),
    answer: [z.union([z.array(FirstListed), ConversationPage]), "The conversations"],
  },
  [`get ${CONVERSATION}`]: {
    summary: "A conversation of the caller's",
    query: z.object({ v }),
    answer: [z.union([FirstConversation, Conversation]), "The conversation"],
  },
  [`patch ${CONVERSATION}`]: {
    summary: "Rename a group",
    body: RenameConversation,
    answer: [Conversation, "The conversation"],
  },
  [`put ${CONVERSATION}/mute`]: { summary: "Have no notices made of a conversation while away" },
  [`delete ${CONVERSATION}/mute`]: { summary: "Have notices made again" },
  [`get ${CONVERSATION}/messages`]: {
    summary: "A page of messages",
    description:
      "Version 1 needs `limit` and `offset`, counted from the newest; a deleted message has the content `(deleted)`. With `v=2`, `before` or `after`: version 2, which pages by ids of messages.",
    query: z.object({
      limit: limit.optional(),
      offset: z.int().min(0).max(100_000).optional(),
      order: z.enum(["asc", "desc"]).optional(),
      before: z.uuid().optional(),
      after: z.uuid().optional(),
      v,
    }),
    answer: [z.union([z.array(FirstMessage), z.array(ListedMessage)]), "The messages"],
  },
  [`post ${CONVERSATION}/messages`]: {
    summary: "Send a message",
    body: SendMessage,
    answer: [SentMessage, "It is stored"],
  },
  [`patch ${CONVERSATION}/messages/{messageId}`]: {
    summary: "Change a message of one's own",
    body: EditMessage,
    answer: [EditedMessage, "It is changed"],
  },
  [`delete ${CONVERSATION}/messages/{messageId}`]: {
    summary: "Delete the content of a message of one's own",
    answer: [DeletedMessage, "It is deleted"],
  },
  [`post ${CONVERSATION}/read`]: {
    summary: "Have read everything, or up to a message; it never goes back",
    body: ReadMessages,
    answer: [HasRead, "What is read"],
  },
  [`get ${CONVERSATION}/participants`]: {
    summary: "Who is in a conversation",
    query: z.object({
      detail: z.enum(["0", "1"]).optional().meta({ description: "`1`: with their read pointers" }),
      v,
    }),
    answer: [z.union([z.array(z.string()), z.array(Participant)]), "The participants"],
  },
  [`post ${CONVERSATION}/participants`]: {
    summary: "Add users to a group",
    body: AddParticipants,
    answer: [AddedParticipants, "Those who were not in it before"],
  },
  [`delete ${CONVERSATION}/participants/{userId}`]: {
    summary: "Remove a user from a group, as its maker may; `me`: leave it",
  },
  "get /chat/me": {
    summary: "Who the token is of, and how much they have not read",
    answer: [Me, "The caller"],
  },
  "get /chat/blocks": {
    summary: "Whom the caller has blocked",
    answer: [z.array(z.string()), "Their ids"],
  },
  "get /chat/blocks/{userId}": {
    summary: "Whether the caller has blocked a user",
    answer: [Blocked, "Whether"],
  },
  "put /chat/blocks/{userId}": {
    summary: "Block a user: they can write to the caller in groups only",
  },
  "delete /chat/blocks/{userId}": { summary: "Take a block back" },
  "get /chat/presence": {
    summary: "Where the caller and those are whom they have a conversation with",
    answer: [PresenceList, "Their presence"],
  },
  "get /chat/presence/{userId}": {
    summary: "The page that a user looks at",
    answer: [PresencePage, "The page; `null`: they are away"],
  },
};

const SOCKETS = {
  "/chat/ws": {
    summary: "Chat by WebSocket; any one segment may follow, as `/chat/ws/prod/`",
    query: {
      ...SOCKET,
      after: z.int().optional().meta({ description: "Version 2: go on behind this push" }),
      epoch: z.string().optional().meta({ description: "Version 2: whose number `after` is" }),
    },
  },
  "/chat/presence-ws": { summary: "Presence by WebSocket", query: SOCKET },
};

const PROBLEMS = {
  400: "The query or the body: `Missing 'x' in event body`, `Missing 'x' in event parameter`, `Invalid parameter 'x'`",
  403: "Not theirs to do, or the other one has blocked them",
  404: "There is no such thing among the caller's conversations; no such chat or path",
  413: "The body is over 128 KiB",
  429: "Too many calls of one user; `Retry-After` says how long to wait",
  503: "Chat is not set up, or cannot be asked now",
};

/**
 * Describes what chat serves to its users. The same paths work below `/chat/{slug}` for the chat of another source, and
 * with a stage in front: `/chat/prod/conversations`.
 */
export function describeChat(app: OpenAPIHono<AdminEnv>): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "chatToken", {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "A chat user's token: as it is, or after `Bearer`",
  });
  const base = { tags: ["Chat"], security: [{ chatToken: [] }] };
  for (const [call, { summary, description, query, body, answer }] of Object.entries(DESCRIBED)) {
    const [method, path] = call.split(" ") as ["get" | "post" | "put" | "patch" | "delete", string];
    app.openAPIRegistry.registerPath({
      ...base,
      method,
      path,
      summary,
      description,
      request: {
        params: paramsOf(path),
        query,
        ...(body && { body: jsonBody(body) }),
      },
      responses: {
        ...(answer ? { 200: jsonResponse(...answer) } : { 204: { description: "Done" } }),
        ...errors(),
      },
    });
  }
  for (const [path, { summary, query }] of Object.entries(SOCKETS)) {
    app.openAPIRegistry.registerPath({
      ...base,
      method: "get",
      path,
      summary,
      request: { query: z.object(query) },
      responses: {
        101: { description: "Text messages, each a JSON object" },
        426: { description: "This is no upgrade to WebSocket" },
        ...errors(),
      },
    });
  }
}

function paramsOf(path: string) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  if (names.length === 0) return undefined;
  return z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
}

function errors() {
  const texts = Object.entries(PROBLEMS).map(([status, description]) => [
    status,
    { description, content: { "text/plain": { schema: z.string() } } },
  ]);
  const unauthorized = jsonResponse(z.object({ message: z.string() }), "No token that is good");
  return { 401: unauthorized, ...Object.fromEntries(texts) };
}
