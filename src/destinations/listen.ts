import { refused } from "../errors.ts";
import { strict } from "../strict.ts";
import type { AttemptResult } from "./driver.ts";

/** A program somewhere (`baton listen`) that takes its events itself: there is nothing to call, so nothing to set. */
export const ListenConfig = strict({});
export type ListenConfig = Record<string, never>;

/** True for the kind whose deliveries nobody sends: they wait until its listener takes them. */
export function isListener(kind: string): boolean {
  return kind === "listen";
}

/** 422 where something wants to send to a destination that takes its events itself. */
export function assertCallable(kind: string, field: string): void {
  if (!isListener(kind)) return;
  throw refused(
    field,
    "is of kind `listen`: `baton listen` takes its events itself, so nothing can be sent there; name another destination",
  );
}

type GateWishes = { rate?: unknown; ordered?: string | null; breaker?: unknown };

/** 422 for a gate of a destination that nobody calls: it would never be asked. */
export function assertNoGate(kind: string, { rate, ordered, breaker }: GateWishes): void {
  if (!isListener(kind)) return;
  const asked = { rate, ordered: ordered === "key" ? ordered : null, breaker };
  const field = Object.entries(asked).find(([, value]) => value !== undefined && value !== null);
  if (!field) return;
  throw refused(
    field[0],
    "has no effect on kind `listen`, which takes its events itself (`baton listen --concurrency 1` keeps their order); remove it",
  );
}

export async function deliverListen(): Promise<AttemptResult> {
  throw new Error("a listener takes its events itself");
}
