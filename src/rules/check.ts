import type { Facts } from "./facts.ts";
import type { LogicalOperator } from "./operators.ts";

/** One comparison. `check` is its place in the match, e.g. `json.amount.$gte`. */
export type Leaf = {
  check: string;
  expected: string;
  find: (facts: Facts) => readonly unknown[];
  holds: (values: readonly unknown[]) => boolean;
};

/** A logical operator over checks. */
export type Group = { check: string; operator: LogicalOperator; of: Check[] };

export type Check = Leaf | Group;

/** One key of a match. All its checks must hold; those that need a body cannot when it is unreadable. */
export type Part = { reads: "json" | "text" | "sms" | null; checks: Check[] };
