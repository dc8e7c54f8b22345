import type { Facts } from "./facts.ts";
import { matches, readsBody } from "./match.ts";
import { type Match, parseMatch } from "./match-schema.ts";

/** What routing needs of a rule's row. */
export type RoutableRule = {
  id: string;
  order: number;
  /** Milliseconds UTC. */
  createdAt: number;
  enabled: boolean;
  stop: boolean;
  /** As stored: parsed here, once per row object. */
  match: unknown;
};

export type Selection<R> = {
  /** In the order in which they are to be delivered. */
  matched: R[];
  /** Rules whose stored match cannot be read; they match nothing until they are mended. */
  broken: { rule: R; reason: string }[];
};

/**
 * The rules of one source that match a request, by order, then age. A rule with `stop` that matches ends the list.
 * A broken rule never hides its neighbours. Rows that stay the same objects over a batch are compiled once.
 */
export function selectRules<R extends RoutableRule>(
  rules: readonly R[],
  facts: Facts,
): Selection<R> {
  const selection: Selection<R> = { matched: [], broken: [] };
  for (const rule of rules.filter((one) => one.enabled).toSorted(byTurn)) {
    const stored = readStored(rule);
    if ("refused" in stored) {
      selection.broken.push({ rule, reason: stored.refused });
    } else if (matches(stored.match, facts)) {
      selection.matched.push(rule);
      if (rule.stop) break;
    }
  }
  return selection;
}

/** True when one of the rules looks into the body: a body kept elsewhere has to be loaded before `selectRules`. */
export function rulesReadBody(rules: readonly RoutableRule[]): boolean {
  return rules.some((rule) => {
    if (!rule.enabled) return false;
    const stored = readStored(rule);
    return "match" in stored && readsBody(stored.match);
  });
}

const parsed = new WeakMap<RoutableRule, { match: Match } | { refused: string }>();

function readStored(rule: RoutableRule): { match: Match } | { refused: string } {
  let result = parsed.get(rule);
  if (!result) {
    result = parseMatch(rule.match);
    parsed.set(rule, result);
  }
  return result;
}

function byTurn(a: RoutableRule, b: RoutableRule): number {
  return a.order - b.order || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
