import { z } from "zod";
import type { ChatVersion } from "../chat/index.ts";
import { MAX_TEMP_ID_CHARS } from "../chat/index.ts";
import { MAX_ID_CHARS } from "./constants.ts";

const Id = z.string().min(1).max(MAX_ID_CHARS);
/** How long it may be depends on the version, and is said by the verb. */
const Content = z.string().min(1);
const isShort = (value: unknown) => (JSON.stringify(value) ?? "").length <= MAX_TEMP_ID_CHARS;
const SHORT = { error: `may have ${MAX_TEMP_ID_CHARS} characters at most, as JSON` };
/** Any JSON value but null. */
const AnyTempId = z
  .unknown()
  .refine((value) => value !== undefined && value !== null)
  .refine(isShort, SHORT);
const TempId = z.string().min(1).refine(isShort, SHORT);

/** What clients as they were say. */
const FIRST = {
  heartbeat: z.object({}),
  "send-message": z.object({ tempMessageId: AnyTempId, conversationId: Id, content: Content }),
  "read-messages": z.object({ conversationId: Id }),
} as const;

/** What those of version 2 say. What changes something may have a `tempMessageId`: its answer has it too. */
const SECOND = {
  heartbeat: z.object({}),
  "send-message": z.object({ tempMessageId: TempId, conversationId: Id, content: Content }),
  "read-messages": z.object({
    conversationId: Id,
    messageId: Id.optional(),
    tempMessageId: TempId.optional(),
  }),
  "edit-message": z.object({
    conversationId: Id,
    messageId: Id,
    content: Content,
    tempMessageId: TempId.optional(),
  }),
  "delete-message": z.object({
    conversationId: Id,
    messageId: Id,
    tempMessageId: TempId.optional(),
  }),
  typing: z.object({ conversationId: Id, isTyping: z.boolean() }),
  resume: z.object({
    after: z.int().min(0).optional(),
    epoch: z
      .string()
      .regex(/^[0-9a-z]{1,32}$/, { error: "is no epoch; use the one of `ready`" })
      .optional(),
  }),
} as const;

export const SHAPES = { 1: FIRST, 2: SECOND } as const satisfies Record<ChatVersion, unknown>;

type Shapes = typeof SECOND;
export type ChatAction = keyof Shapes;
/** A frame by its action. A version-1 client's `tempMessageId` may be any JSON value. */
export type ChatFrames = {
  [A in ChatAction]: { action: A } & Omit<z.output<Shapes[A]>, "tempMessageId"> & {
      tempMessageId?: unknown;
    };
};
export type ChatFrame = ChatFrames[ChatAction];

/** What presence clients say. Both texts may be "": they hide where they are. */
export const PRESENCE_SHAPES = {
  heartbeat: z.object({}),
  "update-presence": z.object({ url: z.string().max(2048), title: z.string().max(500) }),
} as const;
type PresenceAction = keyof typeof PRESENCE_SHAPES;
export type PresenceFrames = {
  [A in PresenceAction]: { action: A } & z.output<(typeof PRESENCE_SHAPES)[A]>;
};
export type PresenceFrame = PresenceFrames[PresenceAction];
