import { type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { tokenIssuers } from "../db/schema/control.ts";
import { assertPublicName, assertSendableUrl } from "../destinations/index.ts";
import { BatonError, refused } from "../errors.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { MAX_TOKEN_ISSUERS } from "./constants.ts";
import { findIssuer } from "./find-issuer.ts";
import type { CreateTokenIssuer, TokenIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/** Registers an issuer of tokens. 409 when the organization has it already; 422 for keys that may not be fetched. */
export async function createIssuer(ctx: Context, input: CreateTokenIssuer): Promise<TokenIssuer> {
  const target = { url: input.jwksUrl, field: "jwksUrl" };
  assertSendableUrl(target, ctx.settings);
  await assertPublicName(target, ctx.settings);
  const now = Date.now();
  const row = {
    id: newId("tokenIssuer", now),
    organizationId: ctx.organizationId,
    name: input.name ?? input.issuer.slice(0, 100),
    issuer: input.issuer,
    jwksUrl: input.jwksUrl,
    createdAt: now,
  };
  const insert = ctx.db
    .insert(tokenIssuers)
    .values({ ...row, name: ifRoom(ctx.organizationId, row.name) });
  try {
    return await commitOnce(ctx, [insert], toIssuer(row));
  } catch (error) {
    const other = await findIssuer(ctx.db, ctx.organizationId, input.issuer);
    if (other) throw taken(other.id);
    await assertRoom(ctx);
    throw error;
  }
}

/** The name, or NULL when the organization has as many issuers as it may have: that breaks the statement. */
function ifRoom(organizationId: string, name: string): SQL<string> {
  return sql`CASE WHEN (
    SELECT count(*) FROM ${tokenIssuers} AS other WHERE other.organization_id = ${organizationId}
  ) >= ${MAX_TOKEN_ISSUERS} THEN NULL ELSE ${name} END`;
}

function taken(id: string): BatonError {
  const message = `is ${id} of this organization already; delete that one first`;
  return new BatonError("conflict", `issuer: ${message}`, {
    errors: [{ path: "issuer", message }],
  });
}

async function assertRoom(ctx: Context): Promise<void> {
  const count = await ctx.db.$count(
    tokenIssuers,
    sql`${tokenIssuers.organizationId} = ${ctx.organizationId}`,
  );
  if (count < MAX_TOKEN_ISSUERS) return;
  throw refused(
    "issuer",
    `this organization has ${MAX_TOKEN_ISSUERS} issuers, the most there can be; delete one first`,
  );
}
