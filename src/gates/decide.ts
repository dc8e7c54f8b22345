import { askBreaker, type BreakerState, CLOSED } from "./breaker.ts";
import { DRAIN_PER_SECOND, PARKED_MS } from "./constants.ts";
import type { GateConfig } from "./gate-config.ts";
import { FRESH_RATE, intervalMs, type RateState, takeSlot, takeTurn } from "./rate.ts";

export type GateState = {
  rate: RateState;
  breaker: BreakerState;
  /** Until then (ms UTC) a receiver that has just come back gets its backlog slowly. */
  drainUntil: number;
};

export const FRESH_STATE: GateState = { rate: FRESH_RATE, breaker: CLOSED, drainUntil: 0 };

/** The rate that holds now; null: none. */
export function rateNow(config: GateConfig, state: GateState, now: number): number | null {
  return config.perSecond ?? (now < state.drainUntil ? DRAIN_PER_SECOND : null);
}

/** What the gate knows when a delivery asks. Times in ms UTC. */
export type Question = {
  id: string;
  /** How long a permit holds from the call on. */
  leaseMs: number;
  now: number;
  config: GateConfig;
  state: GateState;
  /** It holds a permit already. */
  isHeld: boolean;
  /** It is first of its key and nobody of its key is under way; always true without a key. */
  isHead: boolean;
  /** Permits that others hold. */
  heldByOthers: number;
  /** The slot it was given before. */
  slotAt: number | null;
};

export type Decision =
  /** Call at `at`; the permit ends at `leaseUntil`. */
  | { kind: "go"; at: number; leaseUntil: number; state: GateState }
  /** Another consumer has its permit. */
  | { kind: "busy" }
  /** Come back at `until`. */
  | { kind: "slot"; until: number; state: GateState }
  /** The gate sends for it: when it is the head (`blocked`), or when a permit is returned (`waiting`). */
  | { kind: "park"; as: "blocked" | "waiting"; until: number };

/** The gate's one decision: order first, since who is not the head may not use anything up; the rate comes last. */
export function decide(question: Question): Decision {
  const { config, state, now, slotAt } = question;
  if (question.isHeld) return { kind: "busy" };
  if (!question.isHead) return { kind: "park", as: "blocked", until: now + PARKED_MS };
  const breaker = config.breaker ? askBreaker(state.breaker, now) : { kind: "closed" as const };
  if (breaker.kind === "wait") {
    // Spread, so that what has piled up does not come all at once when the breaker closes.
    const interval = intervalMs(config.perSecond ?? DRAIN_PER_SECOND);
    if (slotAt !== null && slotAt >= breaker.until) return { kind: "slot", until: slotAt, state };
    const slot = takeSlot(state.rate, breaker.until, interval);
    return { kind: "slot", until: slot.until, state: { ...state, rate: slot.state } };
  }
  if (config.concurrency !== null && question.heldByOthers >= config.concurrency) {
    return { kind: "park", as: "waiting", until: now + PARKED_MS };
  }
  const perSecond = rateNow(config, state, now);
  const turn =
    perSecond === null
      ? ({ kind: "go", at: now, state: state.rate } as const)
      : takeTurn(state.rate, { perSecond, slotAt, now });
  const after = { ...state, rate: turn.state };
  if (turn.kind === "slot") return { kind: "slot", until: turn.until, state: after };
  const leaseUntil = turn.at + question.leaseMs;
  if (breaker.kind === "probe") {
    after.breaker = { ...state.breaker, probe: { id: question.id, until: leaseUntil } };
  }
  return { kind: "go", at: turn.at, leaseUntil, state: after };
}
