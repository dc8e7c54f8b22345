import type { Context } from "../context.ts";
import { chatIssuers } from "../db/schema/chat.ts";
import { notFound } from "../errors.ts";
import { assertNotTaken } from "./assert-not-taken.ts";
import { getIssuerInOrganization, isIssuer } from "./get-issuer.ts";
import { assertKeysUrl } from "./keys-url.ts";
import type { ChatIssuer, UpdateChatIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/** Changes what is given and leaves the rest. 409 when another one of the organization has this issuer and audience. */
export async function updateIssuer(
  ctx: Context,
  id: string,
  { name, audience, jwksUrl, userClaim }: UpdateChatIssuer,
): Promise<ChatIssuer> {
  const before = await getIssuerInOrganization(ctx, id);
  if (jwksUrl !== undefined) await assertKeysUrl(jwksUrl, ctx.settings);
  // With the old name the statement is one also when nothing is given.
  const changes = { name: name ?? before.name, audience, jwksUrl, userClaim };
  try {
    const [row] = await ctx.db
      .update(chatIssuers)
      .set(changes)
      .where(isIssuer(ctx, id))
      .returning();
    if (!row) throw notFound("chat issuer", id);
    return toIssuer(row);
  } catch (error) {
    if (audience !== undefined && audience !== before.audience) {
      await assertNotTaken(ctx, { issuer: before.issuer, audience });
    }
    throw error;
  }
}
