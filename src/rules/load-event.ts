import { and, eq } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import { events } from "../db/schema/events.ts";
import { notFound } from "../errors.ts";
import { NO_SOURCE, type SourceFacts } from "../source-preset.ts";
import type { Origin } from "../transforms/index.ts";
import { MAX_TEST_OUTPUT_BYTES } from "./constants.ts";
import type { RequestFacts } from "./facts.ts";

/** A request to try a rule on. `body` holds its first MAX_TEST_OUTPUT_BYTES; `size` is of the whole. */
export type TestRequest = RequestFacts & {
  size: number;
  /** What only transforms see. */
  origin: Pick<Origin, "id" | "sender" | "source">;
};

/** A stored event of the organization; 404 when there is none. */
export async function loadEvent(ctx: Context, id: string): Promise<TestRequest> {
  const row = await shardOfId(ctx, "event", id)
    .select()
    .from(events)
    .where(and(eq(events.id, id), eq(events.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("event", id);
  const { method, host, path, query, headers, senderName, senderId, contentType, size } = row;
  const body = row.bodyKey === null ? row.body : await loadStart(ctx, row.bodyKey);
  const source = await loadSource(ctx, row.sourceId);
  return {
    method,
    host,
    path,
    query,
    headers,
    senderName,
    senderId,
    contentType,
    size,
    body,
    receivedAt: row.receivedAt,
    preset: source.preset,
    origin: { id, sender: { id: senderId, name: senderName }, source },
  };
}

/** The event's source as it is now, as routing would ask. */
async function loadSource(ctx: Context, id: string): Promise<SourceFacts> {
  const row = await ctx.db
    .select({ slug: sources.slug, name: sources.name, preset: sources.preset })
    .from(sources)
    .where(and(eq(sources.id, id), eq(sources.organizationId, ctx.organizationId)))
    .get();
  return row ?? NO_SOURCE;
}

/** The start of a body in R2, or null when it is gone. A body may have 25 MiB: the rest is not shown, so not read. */
async function loadStart(ctx: Context, key: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const object = await ctx.bodies.get(key, { range: { offset: 0, length: MAX_TEST_OUTPUT_BYTES } });
  return object ? new Uint8Array(await object.arrayBuffer()) : null;
}
