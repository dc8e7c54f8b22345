import type { kakaoMessages } from "../db/schema/kakao.ts";

type Events = {
  connected: { accountId: string; sessionId: string; status: "pending_pairing" | "paired" };
  message: {
    id: string;
    conversationKey: string;
    kakaoPayload: unknown;
    normalized: { userId: string; text: string; channelId: string };
    createdAt: string;
  };
  pairing_complete: { accountId: string; kakaoUserId: string; pairedAt: string };
  pairing_expired: { reason: string };
  unpaired: { accountId: string; kakaoUserId: string };
  error: { code: string; message: string };
};

const encoder = new TextEncoder();

/** A block as the plugins' parsers read it: a name, one line of JSON, LF. */
export function frameOf<Name extends keyof Events>(name: Name, data: Events[Name]): Uint8Array {
  return encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Comments: every client skips them. */
export const PING = encoder.encode(": ping\n\n");
export const PROBE = encoder.encode(":\n\n");

export type MessageRow = typeof kakaoMessages.$inferSelect;

export function messageFrame(row: MessageRow, now: number): Uint8Array {
  const { id, conversationKey, userId, text, channelId, createdAt } = row;
  return frameOf("message", {
    id,
    conversationKey,
    kakaoPayload: payloadOf(row, now),
    normalized: { userId, text, channelId },
    createdAt: new Date(createdAt).toISOString(),
  });
}

/** The request as Kakao sent it; without its callback URL when nobody takes an answer there any more. */
function payloadOf({ payload, callbackUntil }: MessageRow, now: number): unknown {
  const request = JSON.parse(payload) as { userRequest?: Record<string, unknown> };
  const isOver = callbackUntil !== null && callbackUntil <= now;
  if (!isOver || !request.userRequest) return request;
  const { callbackUrl: _, ...userRequest } = request.userRequest;
  return { ...request, userRequest };
}

/** RFC 3339 in whole seconds. */
export function wholeSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
