import { sha256Hex } from "../../src/crypto.ts";
import { sources } from "../../src/db/schema/control.ts";
import {
  kakaoAccounts,
  kakaoCodes,
  kakaoConversations,
  kakaoMessages,
  kakaoReplies,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import { newId } from "../../src/ids.ts";
import { control, type Tenant } from "./support.ts";

const MINUTE_MS = 60_000;

export type Owner = { organizationId: string; sourceId: string };

/** A KakaoTalk channel of a tenant. */
export async function insertChannel(tenant: Tenant, slug: string): Promise<Owner> {
  const { organizationId } = tenant;
  const sourceId = newId("source");
  const now = Date.now();
  await control.insert(sources).values({
    id: sourceId,
    organizationId,
    slug,
    name: slug,
    shard: 0,
    enabled: true,
    preset: "kakao",
    createdAt: now,
    updatedAt: now,
  });
  return { organizationId, sourceId };
}

export async function insertAccount(
  owner: Owner,
  more: Partial<typeof kakaoAccounts.$inferInsert> = {},
): Promise<string> {
  const id = crypto.randomUUID();
  const now = Date.now();
  await control.insert(kakaoAccounts).values({
    ...owner,
    id,
    relayTokenHash: await sha256Hex(id),
    rateLimitPerMinute: 60,
    createdAt: now,
    updatedAt: now,
    ...more,
  });
  return id;
}

/** Pending, unless told otherwise; with a code when there is one. */
export async function insertSession(
  owner: Owner,
  { code, ...more }: Partial<typeof kakaoSessions.$inferInsert> & { code?: string } = {},
): Promise<string> {
  const id = more.id ?? crypto.randomUUID();
  const now = Date.now();
  await control.insert(kakaoSessions).values({
    ...owner,
    tokenHash: await sha256Hex(id),
    status: "pending_pairing",
    expiresAt: now + 5 * MINUTE_MS,
    createdAt: now,
    updatedAt: now,
    ...more,
    id,
  });
  if (code) await insertCode(owner, id, code);
  return id;
}

export async function insertCode(
  { sourceId }: Owner,
  sessionId: string,
  code: string,
  more: Partial<typeof kakaoCodes.$inferInsert> = {},
): Promise<void> {
  const now = Date.now();
  await control
    .insert(kakaoCodes)
    .values({ code, sessionId, sourceId, expiresAt: now + 5 * MINUTE_MS, createdAt: now, ...more });
}

export async function insertConversation(
  owner: Owner,
  accountId: string | null,
  key: string,
  more: Partial<typeof kakaoConversations.$inferInsert> = {},
): Promise<string> {
  const id = crypto.randomUUID();
  const now = Date.now();
  await control.insert(kakaoConversations).values({
    ...owner,
    id,
    key,
    userKey: key.split(":")[1] ?? key,
    state: accountId === null ? "unpaired" : "paired",
    accountId,
    pairedAt: accountId === null ? null : now,
    lastSeenAt: now,
    createdAt: now,
    ...more,
  });
  return id;
}

export const CALLBACK_URL = "https://bot-api.kakao.com/callback/5up3r-s3cr3t";

/** A message with a callback URL, unless told otherwise. */
export async function insertMessage(
  owner: Owner,
  accountId: string,
  text: string,
  more: Partial<typeof kakaoMessages.$inferInsert> = {},
): Promise<string> {
  const id = crypto.randomUUID();
  const now = Date.now();
  const callbackUrl = more.callbackUrl === undefined ? CALLBACK_URL : more.callbackUrl;
  await control.insert(kakaoMessages).values({
    ...owner,
    id,
    accountId,
    conversationId: "conversation",
    conversationKey: "bot:user",
    payload: JSON.stringify({
      userRequest: { utterance: text, ...(callbackUrl !== null && { callbackUrl }) },
      bot: { id: "bot" },
    }),
    text,
    userId: "user",
    channelId: "bot",
    dedupKey: id,
    callbackUrl,
    callbackUntil: callbackUrl === null ? null : now + 55_000,
    status: "delivered",
    deliveredAt: now,
    createdAt: now,
    ...more,
  });
  return id;
}

export async function insertReply(
  accountId: string,
  messageId: string,
  more: Partial<typeof kakaoReplies.$inferInsert> = {},
): Promise<string> {
  const id = crypto.randomUUID();
  const now = Date.now();
  await control.insert(kakaoReplies).values({
    id,
    accountId,
    messageId,
    conversationKey: "bot:user",
    response: JSON.stringify({ version: "2.0" }),
    status: "sent",
    createdAt: now,
    sentAt: now,
    ...more,
  });
  return id;
}
