import { sql } from "drizzle-orm";
import { openShards } from "../db/client.ts";
import { senderRefusals } from "../db/schema/events.ts";
import { log } from "../log.ts";
import type { IngestSource } from "./find-source.ts";

/** Counts a blocked sender's request, per UTC day. The sender is refused whether or not it could be counted. */
export async function countRefusal(
  env: EdgeEnv,
  source: IngestSource,
  senderId: string,
): Promise<void> {
  const now = Date.now();
  const day = new Date(now).toISOString().slice(0, 10);
  try {
    await openShards(env)
      [source.shard]?.insert(senderRefusals)
      .values({ sourceId: source.id, senderId, day, count: 1, lastAt: now })
      .onConflictDoUpdate({
        target: [senderRefusals.sourceId, senderRefusals.senderId, senderRefusals.day],
        set: { count: sql`${senderRefusals.count} + 1`, lastAt: now },
      })
      .run();
  } catch (error) {
    log.error("refusal_not_counted", { sourceId: source.id, senderId, error });
  }
}
