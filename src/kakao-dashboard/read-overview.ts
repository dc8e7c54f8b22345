import { count, eq, inArray, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import {
  kakaoAccounts,
  kakaoConversations,
  kakaoMessages,
  kakaoReplies,
  kakaoSessions,
} from "../db/schema/kakao.ts";
import { countStreams } from "./count-streams.ts";
import type { Overview } from "./schemas.ts";

/** Everything of the organization, counted. */
export async function readOverview(ctx: Context): Promise<Overview> {
  const { db, organizationId } = ctx;
  const now = Date.now();
  const accountIds = db
    .select({ id: kakaoAccounts.id })
    .from(kakaoAccounts)
    .where(eq(kakaoAccounts.organizationId, organizationId));
  const sourceIds = db
    .select({ id: sources.id })
    .from(sources)
    .where(eq(sources.organizationId, organizationId));
  const { status, expiresAt } = kakaoSessions;
  const [[accounts], [sessions], [conversations], [inbound], [outbound]] = await db.batch([
    db
      .select({ accounts: count() })
      .from(kakaoAccounts)
      .where(inArray(kakaoAccounts.id, accountIds)),
    db
      .select({
        sessionPending: total(sql`${status} = 'pending_pairing' AND ${expiresAt} > ${now}`),
        sessionPaired: total(sql`${status} = 'paired'`),
        sessionTotal: count(),
      })
      .from(kakaoSessions)
      .where(eq(kakaoSessions.organizationId, organizationId)),
    db
      .select({
        conversationPaired: total(sql`${kakaoConversations.state} = 'paired'`),
        conversationUnpaired: total(sql`${kakaoConversations.state} <> 'paired'`),
      })
      .from(kakaoConversations)
      // By source, which has an index.
      .where(inArray(kakaoConversations.sourceId, sourceIds)),
    db
      .select({ inboundTotal: count() })
      .from(kakaoMessages)
      .where(inArray(kakaoMessages.accountId, accountIds)),
    db
      .select({
        outboundTotal: count(),
        outboundFailed: total(sql`${kakaoReplies.status} = 'failed'`),
      })
      .from(kakaoReplies)
      .where(inArray(kakaoReplies.accountId, accountIds)),
  ]);
  const NONE = { sessionPending: 0, sessionPaired: 0, sessionTotal: 0 };
  return {
    accounts: accounts?.accounts ?? 0,
    ...(sessions ?? NONE),
    ...(conversations ?? { conversationPaired: 0, conversationUnpaired: 0 }),
    inboundTotal: inbound?.inboundTotal ?? 0,
    ...(outbound ?? { outboundTotal: 0, outboundFailed: 0 }),
    sseClients: await countStreams(ctx),
    timestamp: now,
  };
}

/** How many rows it is true of; 0 where there is no row. */
function total(condition: ReturnType<typeof sql>) {
  return sql<number>`coalesce(sum(${condition}), 0)`;
}
