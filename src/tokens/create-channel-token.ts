import type { Context } from "../context.ts";
import { commitOnce } from "../idempotency.ts";
import type { ChannelToken, CreateChannelToken } from "./schemas.ts";
import { signToken } from "./sign-token.ts";

/** Makes a token for some of the organization's channels. Nothing is kept of it: it cannot be taken back. */
export async function createChannelToken(
  ctx: Context,
  { subscribe, publish, expiresInSeconds }: CreateChannelToken,
): Promise<ChannelToken> {
  const claims = { baton: { subscribe, publish } };
  const { settings, organizationId } = ctx;
  const signed = await signToken(settings.masterKey, "channel", organizationId, {
    claims,
    expiresInSeconds,
  });
  return commitOnce(ctx, [], signed);
}
