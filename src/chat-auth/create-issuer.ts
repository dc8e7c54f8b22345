import { type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { chatIssuers } from "../db/schema/chat.ts";
import { refused } from "../errors.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { assertNotTaken } from "./assert-not-taken.ts";
import { MAX_CHAT_ISSUERS } from "./constants.ts";
import { assertKeysUrl, lookUpKeysUrl } from "./keys-url.ts";
import type { ChatIssuer, CreateChatIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/**
 * Lets an issuer's tokens sign users in. 409 when the organization has it with this audience already; 422 for keys that
 * cannot be found or may not be fetched.
 */
export async function createIssuer(ctx: Context, input: CreateChatIssuer): Promise<ChatIssuer> {
  const jwksUrl = input.jwksUrl ?? (await lookUpKeysUrl(input.issuer, ctx.settings));
  await assertKeysUrl(jwksUrl, ctx.settings);
  const now = Date.now();
  const row = {
    ...input,
    id: newId("chatIssuer", now),
    organizationId: ctx.organizationId,
    name: input.name ?? input.issuer.slice(0, 100),
    jwksUrl,
    createdAt: now,
  };
  const insert = ctx.db
    .insert(chatIssuers)
    .values({ ...row, name: ifRoom(ctx.organizationId, row.name) });
  try {
    return await commitOnce(ctx, [insert], toIssuer(row));
  } catch (error) {
    await assertNotTaken(ctx, input);
    await assertRoom(ctx);
    throw error;
  }
}

/** The name, or NULL when the organization has as many issuers as it may have: that breaks the statement. */
function ifRoom(organizationId: string, name: string): SQL<string> {
  return sql`CASE WHEN (
    SELECT count(*) FROM ${chatIssuers} AS other WHERE other.organization_id = ${organizationId}
  ) >= ${MAX_CHAT_ISSUERS} THEN NULL ELSE ${name} END`;
}

async function assertRoom(ctx: Context): Promise<void> {
  const count = await ctx.db.$count(
    chatIssuers,
    sql`${chatIssuers.organizationId} = ${ctx.organizationId}`,
  );
  if (count < MAX_CHAT_ISSUERS) return;
  throw refused(
    "issuer",
    `this organization has ${MAX_CHAT_ISSUERS} issuers, the most there can be; delete one first`,
  );
}
