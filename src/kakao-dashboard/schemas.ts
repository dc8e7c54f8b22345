import { z } from "zod";
import { DEFAULT_MESSAGES, DEFAULT_SESSIONS, MAX_LIMIT } from "./constants.ts";

const count = z.number().int();
const time = z.string().meta({ description: "RFC 3339" });
const id = z.string().meta({ description: "UUID" });

/** A number in a query; anything else counts as the fallback, as it does in the relay that this one is compatible with. */
function lax(fallback: number, { min, max }: { min: number; max: number }) {
  const bounds = max === Infinity ? `${min} or more` : `${min} to ${max}`;
  return z
    .string()
    .optional()
    .transform((text) => {
      const number = /^\d{1,9}$/.test(text ?? "") ? Number(text) : -1;
      return number >= min && number <= max ? number : fallback;
    })
    .meta({ description: `${bounds}; anything else counts as ${fallback}` });
}

/** What is counted of an account's messages. */
const COUNTS = {
  inboundToday: count.meta({ description: "Since midnight in Seoul" }),
  inboundTotal: count,
  outboundToday: count,
  outboundTotal: count,
  outboundFailed: count,
};

export const Overview = z
  .object({
    accounts: count,
    sessionPending: count.meta({ description: "Pending and not expired" }),
    sessionPaired: count,
    sessionTotal: count,
    conversationPaired: count,
    conversationUnpaired: count,
    inboundTotal: count,
    outboundTotal: count,
    outboundFailed: count,
    sseClients: count.meta({ description: "Open streams of the newest accounts and sessions" }),
    timestamp: count.meta({ description: "ms UTC" }),
  })
  .meta({ id: "KakaoOverview" });
export type Overview = z.infer<typeof Overview>;

export const Access = z
  .object({ canWrite: z.boolean() })
  .meta({ id: "KakaoAccess", description: "What the caller's key may do here" });

/** A source of preset `kakao`. */
export const KakaoChannel = z
  .object({
    sourceId: z.string(),
    slug: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    isDefault: z.boolean().meta({ description: "The one that the paths without a slug belong to" }),
    webhookUrl: z.string().meta({ description: "For the skill in Kakao's chatbot admin centre" }),
    relayUrl: z.string().meta({ description: "For the agent's plugin" }),
  })
  .meta({ id: "KakaoChannel" });
export type KakaoChannel = z.infer<typeof KakaoChannel>;

export const Account = z
  .object({
    id,
    sourceId: z.string(),
    rateLimitPerMinute: count,
    createdAt: time,
    updatedAt: time,
    ...COUNTS,
  })
  .meta({ id: "KakaoAccount" });
export type Account = z.infer<typeof Account>;

export const AccountStats = z
  .object({ ...COUNTS, conversations: count, sseClients: count })
  .meta({ id: "KakaoAccountStats" });
export type AccountStats = z.infer<typeof AccountStats>;

export const Conversation = z
  .object({
    id,
    conversationKey: z.string().meta({ description: "`<bot id>:<user key>`" }),
    state: z.enum(["unpaired", "paired"]),
    pairedAt: time.nullable(),
    lastSeenAt: time,
  })
  .meta({ id: "KakaoConversation" });
export type Conversation = z.infer<typeof Conversation>;

/** What a user wrote. The callback URL in it is masked: whoever has it answers in the agent's place. */
export const InboundMessage = z
  .object({
    id,
    accountId: id,
    conversationKey: z.string(),
    kakaoPayload: z.unknown(),
    normalizedMessage: z.object({ userId: z.string(), text: z.string(), channelId: z.string() }),
    status: z.enum(["queued", "delivered", "expired"]),
    sourceEventId: z.string().optional(),
    createdAt: time,
    deliveredAt: time.optional(),
    hasCallback: z.boolean(),
    callbackUntil: time.optional(),
    answer: z.unknown().meta({ description: "What the agent answered; null: nothing yet" }),
    answerState: z
      .enum(["sending", "answered", "sent", "failed", "late", "given"])
      .nullable()
      .meta({
        description:
          "`sent`: to the callback; `given`: with the request itself or a later one; `late`: it waits for the user's next message",
      }),
    answerError: z.string().optional(),
  })
  .meta({ id: "KakaoInboundMessage" });
export type InboundMessage = z.infer<typeof InboundMessage>;

/** A call of a callback URL. */
export const OutboundMessage = z
  .object({
    id,
    accountId: id,
    inboundMessageId: id,
    conversationKey: z.string(),
    kakaoTarget: z.strictObject({}),
    responsePayload: z.unknown(),
    status: z.enum(["pending", "sent", "failed"]),
    errorMessage: z.string().optional(),
    createdAt: time,
    sentAt: time.optional(),
  })
  .meta({ id: "KakaoOutboundMessage" });
export type OutboundMessage = z.infer<typeof OutboundMessage>;

const OpenCode = z.object({ pairingCode: z.string(), expiresAt: time, createdAt: time });

/** A session without its token, which nobody can see again. */
export const Session = z
  .object({
    id,
    sourceId: z.string(),
    pairingCode: z.string().nullable().meta({ description: "While it is pending; else null" }),
    codes: z.array(OpenCode).meta({ description: "Every code that is good now, newest first" }),
    status: z.enum(["pending_pairing", "paired", "expired", "disconnected"]),
    accountId: id.optional(),
    pairedConversationKey: z.string().optional(),
    expiresAt: time,
    pairedAt: time.optional(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "KakaoSession" });
export type Session = z.infer<typeof Session>;

export const CreateSession = z
  .strictObject({
    sourceId: z.string().optional().meta({
      description: "A source of preset `kakao`; may be left out when there is only one",
    }),
  })
  .meta({ id: "CreateKakaoSession" });
export type CreateSession = z.infer<typeof CreateSession>;

export const RelayToken = z
  .object({ relayToken: z.string().meta({ description: "64 hex digits" }) })
  .meta({ id: "KakaoRelayToken" });

export const Done = z.object({ status: z.literal("ok") }).meta({ id: "KakaoDone" });

export const SessionsQuery = z.strictObject({
  limit: lax(DEFAULT_SESSIONS, { min: 1, max: MAX_LIMIT }),
});

export const MessagesQuery = z.strictObject({
  type: z
    .string()
    .optional()
    .transform((type) => (type === "outbound" ? "outbound" : "inbound"))
    .meta({ description: "`outbound`, or anything else for `inbound`" }),
  limit: lax(DEFAULT_MESSAGES, { min: 1, max: MAX_LIMIT }),
  offset: lax(0, { min: 0, max: Infinity }),
});
export type MessagesQuery = z.infer<typeof MessagesQuery>;
