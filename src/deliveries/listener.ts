import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations, sources } from "../db/schema/control.ts";
import { isListener } from "../destinations/index.ts";
import { BatonError, refused } from "../errors.ts";
import { NO_SOURCE, type SourceFacts } from "../source-preset.ts";
import { LEASE_MARGIN_MS } from "./constants.ts";

type Listener = typeof destinations.$inferSelect;

/** The organization's listener of this id; undefined for what is none. */
export async function findListener(ctx: Context, id: string): Promise<Listener | undefined> {
  const row = await ctx.db
    .select()
    .from(destinations)
    .where(and(eq(destinations.id, id), eq(destinations.organizationId, ctx.organizationId)))
    .get();
  return row && isListener(row.kind) ? row : undefined;
}

/** 422 unless a destination is a listener of the organization, 409 when it is disabled. */
export async function getListener(ctx: Context, id: string): Promise<Listener> {
  const listener = await findListener(ctx, id);
  if (!listener) {
    throw refused(
      "destinationId",
      "is no destination of kind `listen` in this organization; all others are called by Baton",
    );
  }
  assertEnabled(listener);
  return listener;
}

export function assertEnabled({ enabled, disabledReason, name }: Listener): void {
  if (enabled) return;
  const why = disabledReason === null ? "" : ` (${disabledReason})`;
  throw new BatonError(
    "conflict",
    `The destination "${name}" is disabled${why}. Enable it: PATCH it with \`"enabled": true\`.`,
  );
}

/** What a delivery says of its event's source. */
export async function loadSourceFacts(ctx: Context, id: string): Promise<SourceFacts> {
  const row = await ctx.db
    .select({ slug: sources.slug, name: sources.name, preset: sources.preset })
    .from(sources)
    .where(and(eq(sources.id, id), eq(sources.organizationId, ctx.organizationId)))
    .get();
  return row ?? NO_SOURCE;
}

/** For claims that are made on behalf of a listener. */
export function claimingDeps(ctx: Context) {
  return { shards: ctx.shards, leaseMarginMs: LEASE_MARGIN_MS };
}
