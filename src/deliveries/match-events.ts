import type { Deps } from "../context.ts";
import { log } from "../log.ts";
import { factsOf, MAX_MATCHED_BODY_BYTES, rulesReadBody, selectRules } from "../rules/index.ts";

import { inlineBody, type LoadedEvent } from "./load-events.ts";
import type { Routing, RoutingRule } from "./load-routing.ts";

/**
 * The matching rules of each event, by event id. An event whose body could not be read is left out: one bad body must
 * not fail its neighbours, nor be taken for an empty one.
 */
export async function matchEvents(
  deps: Deps,
  events: LoadedEvent[],
  routing: Routing,
): Promise<Map<string, RoutingRule[]>> {
  const matches = new Map<string, RoutingRule[]>();
  for (const event of events) {
    const rules = routing.rules.get(event.sourceId) ?? [];
    let body: Uint8Array | null;
    try {
      body = await bodyForRules(deps, event, rules);
    } catch (error) {
      log.error("body_not_read", { eventId: event.id, error });
      continue;
    }
    const { matched, broken } = selectRules(rules, factsOf({ ...event, body }));
    for (const { rule, reason } of broken) log.warn("rule_broken", { ruleId: rule.id, reason });
    matches.set(event.id, matched);
  }
  return matches;
}

/** A body in R2 is fetched only when a rule looks into it and it is small enough to be looked into. */
async function bodyForRules(deps: Deps, event: LoadedEvent, rules: RoutingRule[]) {
  const inline = inlineBody(event);
  if (inline || !event.bodyKey) return inline;
  if (event.size > MAX_MATCHED_BODY_BYTES || !rulesReadBody(rules)) return null;
  const object = await deps.bodies.get(event.bodyKey);
  return object ? new Uint8Array(await object.arrayBuffer()) : null;
}
