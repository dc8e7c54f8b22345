import { and, eq, inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { destinations, rules, sources } from "../db/schema/control.ts";

import { type OpenDestination, openDestination } from "./open-destination.ts";

export type RoutingRule = typeof rules.$inferSelect & {
  destination: typeof destinations.$inferSelect;
};

export type Routing = {
  sources: Map<string, { slug: string; name: string }>;
  /** Enabled rules by source. */
  rules: Map<string, RoutingRule[]>;
  /** Opens a destination's sealed config; each one at most once a batch. */
  open: (row: typeof destinations.$inferSelect) => Promise<OpenDestination>;
};

/** Loads everything that a batch of events needs to be routed, in two statements at once. */
export async function loadRouting(deps: Deps, sourceIds: string[]): Promise<Routing> {
  const ids = sql`(SELECT value FROM json_each(${JSON.stringify([...new Set(sourceIds)])}))`;
  // Not a D1 batch: that hands rows over by column name, and a join has names twice.
  const [sourceRows, ruleRows] = await Promise.all([
    deps.db
      .select({ id: sources.id, slug: sources.slug, name: sources.name })
      .from(sources)
      .where(inArray(sources.id, ids)),
    deps.db
      .select({ rule: rules, destination: destinations })
      .from(rules)
      .innerJoin(destinations, eq(destinations.id, rules.destinationId))
      .where(and(inArray(rules.sourceId, ids), eq(rules.enabled, true))),
  ]);
  const bySource = Map.groupBy(ruleRows, ({ rule }) => rule.sourceId);
  return {
    sources: new Map(sourceRows.map((row) => [row.id, row])),
    rules: new Map(
      [...bySource].map(([sourceId, rows]) => [
        sourceId,
        rows.map(({ rule, destination }) => ({ ...rule, destination })),
      ]),
    ),
    open: openOnce(deps),
  };
}

/** Opens each destination once, however many deliveries go there. */
export function openOnce(deps: Deps) {
  const opened = new Map<string, Promise<OpenDestination>>();
  return (row: typeof destinations.$inferSelect) => {
    const known = opened.get(row.id) ?? openDestination(deps.settings, row);
    opened.set(row.id, known);
    return known;
  };
}
