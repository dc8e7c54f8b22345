import type { Check, Group, Part } from "./check.ts";
import { partsOf } from "./compile-match.ts";
import { describeFound } from "./describe.ts";
import type { Facts } from "./facts.ts";
import { type Mask, maskOf, maskReason } from "./mask.ts";
import type { Match, TraceLine } from "./schemas.ts";

export type Explanation = { matched: boolean; trace: TraceLine[] };

/** Whether all parts of a match hold; stops at the first that does not. */
export function matches(match: Match, facts: Facts): boolean {
  return partsOf(match).every((part) => partHolds(part, facts));
}

/** The same, with a line for every check of the match: what was wanted and what the request has. */
export function explainMatch(match: Match, facts: Facts): Explanation {
  const trace: TraceLine[] = [];
  let matched = true;
  for (const part of partsOf(match)) matched = partHolds(part, facts, trace) && matched;
  return { matched, trace };
}

/** True when a match looks into the body, so that the caller must load it first. */
export function readsBody(match: Match): boolean {
  return partsOf(match).some((part) => part.reads !== null);
}

function partHolds(part: Part, facts: Facts, trace?: TraceLine[]): boolean {
  const body = part.reads === null ? null : facts[part.reads]();
  const unreadable = body && "unreadable" in body ? body.unreadable : null;
  if (unreadable !== null && !trace) return false;
  const mayShowCodes = part.reads !== null || facts.hasPhoneQuery;
  const mask = trace && mayShowCodes ? maskOf(facts) : null;
  return allHold(part.checks, { facts, unreadable, trace, mask });
}

/** `unreadable`: why the body cannot be looked into; then nothing holds, not even a negation. */
type Run = {
  facts: Facts;
  unreadable: string | null;
  trace?: TraceLine[];
  /** Hides one-time codes in the trace. */
  mask: Mask | null;
};

function allHold(checks: readonly Check[], run: Run): boolean {
  return holding(checks, run, false) === checks.length;
}

/** How many checks hold. Without a trace, it stops at the first whose result is `stopAt`. */
function holding(checks: readonly Check[], run: Run, stopAt: boolean): number {
  let count = 0;
  for (const check of checks) {
    const ok = holds(check, run);
    if (ok) count++;
    if (ok === stopAt && !run.trace) break;
  }
  return count;
}

function holds(check: Check, run: Run): boolean {
  if ("of" in check) return groupHolds(check, run);
  const values = run.unreadable === null ? check.find(run.facts) : [];
  const ok = run.unreadable === null && check.holds(values);
  const { unreadable, mask } = run;
  run.trace?.push({
    check: check.check,
    expected: mask?.(check.expected) ?? check.expected,
    actual: unreadable === null ? describeFound(values, mask) : maskReason(unreadable, mask),
    ok,
  });
  return ok;
}

const GROUP_WORDS = {
  $and: "all of the following",
  $or: "at least one of the following",
  $not: "not all of the following",
} satisfies Record<Group["operator"], string>;

function groupHolds({ check, operator, of }: Group, run: Run): boolean {
  const line = { check, expected: GROUP_WORDS[operator], actual: "", ok: false };
  // The group's line stands before the lines of what it groups.
  run.trace?.push(line);
  const count = holding(of, run, operator === "$or");
  line.ok = run.unreadable === null && combine(operator, count, of.length);
  line.actual =
    run.unreadable !== null
      ? maskReason(run.unreadable, run.mask)
      : `${count} of ${of.length} hold`;
  return line.ok;
}

function combine(operator: Group["operator"], count: number, total: number): boolean {
  switch (operator) {
    case "$and":
      return count === total;
    case "$or":
      return count > 0;
    case "$not":
      return count < total;
  }
}
