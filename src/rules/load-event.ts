import { and, eq } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import { events } from "../db/schema/events.ts";
import { notFound } from "../errors.ts";
import { MAX_TEST_OUTPUT_BYTES } from "./constants.ts";
import type { RequestFacts } from "./facts.ts";

/** A request to try a match on. `body` holds its first MAX_TEST_OUTPUT_BYTES; `size` is of the whole. */
export type TestRequest = RequestFacts & { size: number };

/** A stored event of the organization; 404 when there is none. */
export async function loadEvent(ctx: Context, id: string): Promise<TestRequest> {
  const row = await shardOfId(ctx, "event", id)
    .select()
    .from(events)
    .where(and(eq(events.id, id), eq(events.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("event", id);
  const { method, host, path, query, headers, senderName, contentType, size, bodyKey, receivedAt } =
    row;
  const [body, isPhone] = await Promise.all([
    bodyKey === null ? row.body : loadStart(ctx, bodyKey),
    isFromPhone(ctx, row.sourceId),
  ]);
  return {
    method,
    host,
    path,
    query,
    headers,
    senderName,
    contentType,
    size,
    body,
    receivedAt,
    isPhone,
  };
}

async function isFromPhone(ctx: Context, sourceId: string): Promise<boolean> {
  const row = await ctx.db
    .select({ preset: sources.preset })
    .from(sources)
    .where(eq(sources.id, sourceId))
    .get();
  return row?.preset === "phone";
}

/** The start of a body in R2, or null when it is gone. A body may have 25 MiB: the rest is not shown, so not read. */
async function loadStart(ctx: Context, key: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const object = await ctx.bodies.get(key, { range: { offset: 0, length: MAX_TEST_OUTPUT_BYTES } });
  return object ? new Uint8Array(await object.arrayBuffer()) : null;
}
