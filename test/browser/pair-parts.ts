import type { PairParts } from "../../src/session-pairs/parts.ts";

const key = Symbol.for("baton.test.pair-parts");

/** The outside of each pair of a test, by the portal's id: the tests and the objects are in one isolate. */
function registry(): Map<string, PairParts> {
  const holder = globalThis as unknown as Record<symbol, Map<string, PairParts> | undefined>;
  const known = holder[key] ?? new Map<string, PairParts>();
  holder[key] = known;
  return known;
}

export function giveParts(portalId: string, parts: PairParts): void {
  registry().set(portalId, parts);
}

export function partsOf(portalId: string | undefined): PairParts | undefined {
  return portalId === undefined ? undefined : registry().get(portalId);
}
