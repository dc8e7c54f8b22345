import type { Context } from "../context.ts";
import { unavailable } from "./open-bridge.ts";
import { topicName } from "./rpc.ts";
import type { ChannelDescription } from "./schemas.ts";

/** A channel as it is now; one that nobody has used yet is empty. 503 when it cannot be reached. */
export async function describeChannel(
  ctx: Pick<Context, "channels" | "organizationId">,
  name: string,
): Promise<ChannelDescription> {
  const channel = ctx.channels.getByName(topicName(ctx.organizationId, name));
  try {
    const [{ sockets }, { position }] = await Promise.all([
      channel.describe(),
      channel.history(null, 1),
    ]);
    return { name, subscribers: sockets, position };
  } catch {
    throw unavailable();
  }
}
