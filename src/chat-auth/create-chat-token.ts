import type { Context } from "../context.ts";
import { commitOnce } from "../idempotency.ts";
import { signToken } from "../tokens/index.ts";
import { DEFAULT_USER_CLAIM } from "./constants.ts";
import type { ChatToken, CreateChatToken } from "./schemas.ts";

/** Makes a token that signs a user of the organization in. Nothing is kept of it: it cannot be taken back. */
export async function createChatToken(
  ctx: Context,
  { userId, name, expiresInSeconds }: CreateChatToken,
): Promise<ChatToken> {
  const claims = { [DEFAULT_USER_CLAIM]: userId, ...(name !== undefined && { name }) };
  const { settings, organizationId } = ctx;
  const signed = await signToken(settings.masterKey, "chat", organizationId, {
    claims,
    expiresInSeconds,
  });
  return commitOnce(ctx, [], signed);
}
