import type { Deps } from "../context.ts";
import { log } from "../log.ts";
import {
  factsOf,
  MAX_MATCHED_BODY_BYTES,
  type Match,
  type RoutableRule,
  rulesReadBody,
  selectRules,
} from "../rules/index.ts";
import type { SourceFacts } from "../source-preset.ts";
import { inlineBody, type LoadedEvent } from "./load-events.ts";
import type { Routing, RoutingRule } from "./load-routing.ts";

/**
 * The matching rules of each event, by event id. An event that could not be matched, or whose body could not be
 * read, is left out: it must not fail its neighbours, nor be taken for one that matches nothing.
 */
export async function matchEvents(
  deps: Deps,
  events: LoadedEvent[],
  routing: Routing,
): Promise<Map<string, RoutingRule[]>> {
  const matches = new Map<string, RoutingRule[]>();
  for (const event of events) {
    const rules = routing.rules.get(event.sourceId) ?? [];
    try {
      const body = await bodyForRules(deps, event, rules);
      const preset = routing.sources.get(event.sourceId)?.preset;
      const { matched, broken } = selectRules(rules, factsOf({ ...event, body, preset }));
      for (const { rule, reason } of broken) log.warn("rule_broken", { ruleId: rule.id, reason });
      matches.set(event.id, matched);
    } catch (error) {
      log.error("event_not_matched", { eventId: event.id, error });
    }
  }
  return matches;
}

/** Whether an event matches what somebody asks of it, as a rule with this match would. */
export async function isMatch(
  deps: Pick<Deps, "bodies">,
  event: LoadedEvent,
  { preset }: SourceFacts,
  match: Match,
): Promise<boolean> {
  const rule = { id: "", order: 0, createdAt: 0, enabled: true, stop: false, match };
  const body = await bodyForRules(deps, event, [rule]);
  return selectRules([rule], factsOf({ ...event, body, preset })).matched.length > 0;
}

/** A body in R2 is fetched only when a rule looks into it and it is small enough to be looked into. */
async function bodyForRules(deps: Pick<Deps, "bodies">, event: LoadedEvent, rules: RoutableRule[]) {
  const inline = inlineBody(event);
  if (inline || !event.bodyKey) return inline;
  if (event.size > MAX_MATCHED_BODY_BYTES || !rulesReadBody(rules)) return null;
  const object = await deps.bodies.get(event.bodyKey);
  return object ? new Uint8Array(await object.arrayBuffer()) : null;
}
