import type { Context } from "../context.ts";
import { refused } from "../errors.ts";
import { unavailable } from "./open-bridge.ts";
import type { Published } from "./rpc.ts";
import { topicName } from "./rpc.ts";
import type { PublishFrames } from "./schemas.ts";

/**
 * Appends frames to an organization's channel and sends them to its subscribers. With an `Idempotency-Key` at most once
 * in 24 h: 422 when the key was used for other frames. 503 when the channel cannot be reached; then they may be there.
 */
export async function publishFrames(
  ctx: Pick<Context, "channels" | "organizationId" | "idempotency">,
  channel: string,
  input: PublishFrames,
): Promise<string[]> {
  const list = input.events ?? [{ event: input.event ?? "message", data: input.data }];
  const frames = list.map(({ event, data }) => ({ event, data: JSON.stringify(data) }));
  const { idempotency } = ctx;
  const once = idempotency && { key: `api:${idempotency.key}`, digest: idempotency.requestHash };
  let published: Published;
  try {
    const topic = topicName(ctx.organizationId, channel);
    published = await ctx.channels.getByName(topic).publish({ frames, ...(once && { once }) });
  } catch {
    throw unavailable();
  }
  if (published.kind === "published") return published.ids;
  throw refused("Idempotency-Key", "was used for another request; use a new key");
}
