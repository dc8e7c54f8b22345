import { and, eq, inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { destinations, rules, sources } from "../db/schema/control.ts";
import type { SourceFacts } from "../source-preset.ts";

import { type OpenDestination, openDestination } from "./open-destination.ts";
import { type SourcePhones, sourcePhones } from "./source-phones.ts";

export type RoutingRule = typeof rules.$inferSelect & {
  destination: typeof destinations.$inferSelect;
};

/** `watchedUntil`: somebody may be watching until then (ms UTC). */
export type RoutedSource = SourceFacts & { watchedUntil: number | null };

export type Routing = {
  sources: Map<string, RoutedSource>;
  /** Of sources that phones call; none: they are no phone's. */
  phones: Map<string, SourcePhones>;
  /** Enabled rules by source. */
  rules: Map<string, RoutingRule[]>;
  /** Opens a destination's sealed config; each one at most once a batch. */
  open: (row: typeof destinations.$inferSelect) => Promise<OpenDestination>;
};

/** Loads everything that a batch of events needs to be routed, in one round trip. */
export async function loadRouting(deps: Deps, sourceIds: string[]): Promise<Routing> {
  const ids = sql`(SELECT value FROM json_each(${JSON.stringify([...new Set(sourceIds)])}))`;
  // A destination is read once, however many rules lead to it: its config may be large.
  const ofRules = deps.db
    .select({ id: rules.destinationId })
    .from(rules)
    .where(and(inArray(rules.sourceId, ids), eq(rules.enabled, true)));
  const [sourceRows, ruleRows, destinationRows] = await deps.db.batch([
    deps.db
      .select({
        id: sources.id,
        slug: sources.slug,
        name: sources.name,
        preset: sources.preset,
        watchedUntil: sources.watchedUntil,
        phones: sourcePhones,
      })
      .from(sources)
      .where(inArray(sources.id, ids)),
    deps.db
      .select()
      .from(rules)
      .where(and(inArray(rules.sourceId, ids), eq(rules.enabled, true))),
    deps.db.select().from(destinations).where(inArray(destinations.id, ofRules)),
  ]);
  const byId = new Map(destinationRows.map((row) => [row.id, row]));
  const routing = ruleRows.flatMap((rule) => {
    const destination = byId.get(rule.destinationId);
    return destination ? [{ ...rule, destination }] : [];
  });
  return {
    // Phones are no fact that a transform or a receiver is told.
    sources: new Map(sourceRows.map(({ phones: _, ...facts }) => [facts.id, facts])),
    phones: new Map(sourceRows.flatMap(({ id, phones }) => (phones ? [[id, phones]] : []))),
    rules: Map.groupBy(routing, (rule) => rule.sourceId),
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
