import { and, count, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations, rules, sources } from "../db/schema/control.ts";
import { assertCallable } from "../destinations/index.ts";
import { refused } from "../errors.ts";
import { MAX_RULES_PER_SOURCE } from "./constants.ts";

type Ends = { sourceId?: string; destinationId?: string };

/** 422 unless the given source and destination are the organization's, and the destination one that is sent to; another's looks like none. */
export async function assertRuleEnds(ctx: Context, { sourceId, destinationId }: Ends) {
  const [source, destination] = await Promise.all([
    sourceId === undefined || hasSource(ctx, sourceId),
    destinationId === undefined || findDestination(ctx, destinationId),
  ]);
  if (!source) throw refused("sourceId", "there is no such source in this organization");
  if (!destination) {
    throw refused("destinationId", "there is no such destination in this organization");
  }
  if (destination !== true) assertCallable(destination.kind, "destinationId");
}

/** 422 when the source has as many rules as it may have. Two requests at once may pass by one. */
export async function assertRoomForRule(ctx: Context, sourceId: string) {
  const row = await ctx.db
    .select({ rules: count() })
    .from(rules)
    .where(eq(rules.sourceId, sourceId))
    .get();
  if ((row?.rules ?? 0) < MAX_RULES_PER_SOURCE) return;
  throw refused(
    "sourceId",
    `this source has ${MAX_RULES_PER_SOURCE} rules, the most there can be; delete one first`,
  );
}

/** Runs a write; when a foreign key fails because an end was deleted meanwhile, says so with a 422. */
export async function writeWithEnds<T>(ctx: Context, ends: Ends, write: () => Promise<T>) {
  try {
    return await write();
  } catch (error) {
    await assertRuleEnds(ctx, ends);
    throw error;
  }
}

async function hasSource(ctx: Context, id: string): Promise<boolean> {
  const owned = and(eq(sources.id, id), eq(sources.organizationId, ctx.organizationId));
  return !!(await ctx.db.select({ id: sources.id }).from(sources).where(owned).get());
}

async function findDestination(ctx: Context, id: string) {
  const owned = and(eq(destinations.id, id), eq(destinations.organizationId, ctx.organizationId));
  return ctx.db.select({ kind: destinations.kind }).from(destinations).where(owned).get();
}
