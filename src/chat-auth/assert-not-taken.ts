import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { chatIssuers } from "../db/schema/chat.ts";
import { BatonError } from "../errors.ts";

/** 409 when the organization has an issuer with this audience already. */
export async function assertNotTaken(
  ctx: Context,
  { issuer, audience }: { issuer: string; audience: string },
): Promise<void> {
  const other = await ctx.db
    .select({ id: chatIssuers.id })
    .from(chatIssuers)
    .where(
      and(
        eq(chatIssuers.organizationId, ctx.organizationId),
        eq(chatIssuers.issuer, issuer),
        eq(chatIssuers.audience, audience),
      ),
    )
    .get();
  if (!other) return;
  const message = `with this issuer is ${other.id} of this organization already; change or delete that one`;
  throw new BatonError("conflict", `audience: ${message}`, {
    errors: [{ path: "audience", message }],
  });
}
