import { and, count, eq, ne, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { senders } from "../db/schema/control.ts";
import { BatonError, refused } from "../errors.ts";
import { MAX_SENDERS_PER_SOURCE } from "./constants.ts";

/*
 * Conditions that stand in the statement which writes. Each gives NULL where a row must not be written, which breaks
 * the column's NOT NULL and so the whole batch; the `assert…` beside it then says why.
 */

/** The name, or NULL when another sender of the source has it. */
export function unlessTaken(sourceId: string, senderId: string, name: string): SQL<string> {
  return sql`CASE WHEN EXISTS (
    SELECT 1 FROM ${senders} AS other
    WHERE other.source_id = ${sourceId} AND other.name = ${name} AND other.id <> ${senderId}
  ) THEN NULL ELSE ${name} END`;
}

/** The state, or NULL when the source has as many senders as it may have. */
export function ifRoom<State extends string>(sourceId: string, state: State): SQL<State> {
  return sql`CASE WHEN (
    SELECT count(*) FROM ${senders} AS other WHERE other.source_id = ${sourceId}
  ) >= ${MAX_SENDERS_PER_SOURCE} THEN NULL ELSE ${state} END`;
}

/** 409 when another sender of the source has the name. */
export async function assertNameFree(
  ctx: Context,
  sourceId: string,
  senderId: string,
  name: string,
): Promise<void> {
  const isOther = and(
    eq(senders.sourceId, sourceId),
    eq(senders.name, name),
    ne(senders.id, senderId),
  );
  const other = await ctx.db.select({ id: senders.id }).from(senders).where(isOther).get();
  if (other) {
    throw conflict("name", `\`${name}\` is sender ${other.id} of this source; choose another name`);
  }
}

/** 409 when another sender of the source has the key. */
export async function assertKeyFree(ctx: Context, keyHash: string): Promise<void> {
  const isOther = eq(senders.keyHash, keyHash);
  const other = await ctx.db.select({ id: senders.id }).from(senders).where(isOther).get();
  if (other) {
    throw conflict("key", `is the key of sender ${other.id} of this source; use another one`);
  }
}

/** 422 when the source has as many senders as it may have. */
export async function assertRoom(ctx: Context, sourceId: string): Promise<void> {
  const row = await ctx.db
    .select({ count: count() })
    .from(senders)
    .where(eq(senders.sourceId, sourceId))
    .get();
  if ((row?.count ?? 0) < MAX_SENDERS_PER_SOURCE) return;
  throw refused(
    "name",
    `this source has ${MAX_SENDERS_PER_SOURCE} senders, the most there can be; delete one first`,
  );
}

function conflict(path: string, message: string): BatonError {
  return new BatonError("conflict", `${path}: ${message}`, { errors: [{ path, message }] });
}
