import { PROBE_WAIT_MS } from "./constants.ts";

/** What a call said about its receiver; `neutral`: nothing (the fault was not the receiver's, or it is not known). */
export type Health = "success" | "failure" | "neutral";

export type BreakerConfig = {
  /** Failures in a row that open it. */
  failures: number;
  /** How long it stays open before each probe. */
  cooldownSeconds: number;
  /** How long it may be open in one go; then it stays closed until a call has succeeded. Absent: as long as it takes. */
  maxOpenSeconds?: number;
};

export type BreakerState = {
  /** Failures in a row. */
  failures: number;
  /** Closed when null; no call before this time (ms UTC), then one probe. */
  openUntil: number | null;
  /** When it opened first since the last success; null: it has not. */
  openedAt: number | null;
  /** The delivery that probes, and when its permit ends. */
  probe: { id: string; until: number } | null;
};

export const CLOSED: BreakerState = { failures: 0, openUntil: null, openedAt: null, probe: null };

export type BreakerAnswer =
  | { kind: "closed" }
  | { kind: "probe" }
  | { kind: "wait"; until: number };

/** May a delivery be called now? `probe`: yes, as the only one. A probe whose permit ran out makes room for another. */
export function askBreaker(state: BreakerState, now: number): BreakerAnswer {
  if (state.openUntil === null) return { kind: "closed" };
  if (now < state.openUntil) return { kind: "wait", until: state.openUntil };
  if (state.probe && state.probe.until > now) return { kind: "wait", until: now + PROBE_WAIT_MS };
  return { kind: "probe" };
}

/** Takes in what a call came to. While it is open only the probe counts: others set out before it opened. */
export function recordHealth(
  state: BreakerState,
  config: BreakerConfig,
  { id, health, now }: { id: string; health: Health; now: number },
): BreakerState {
  if (state.openUntil !== null) {
    if (state.probe?.id !== id) return state;
    if (health === "neutral") return { ...state, probe: null };
    if (health === "success") return CLOSED;
    return failed(state, config, now);
  }
  if (health === "neutral") return state;
  if (health === "success") return state.failures === 0 ? state : CLOSED;
  return failed(state, config, now);
}

function failed(state: BreakerState, config: BreakerConfig, now: number): BreakerState {
  const failures = state.failures + 1;
  if (failures < config.failures) return { ...state, failures, openUntil: null, probe: null };
  const openedAt = state.openedAt ?? now;
  const givesUp = now - openedAt >= (config.maxOpenSeconds ?? Infinity) * 1000;
  const openUntil = givesUp ? null : now + config.cooldownSeconds * 1000;
  return { failures, openUntil, openedAt, probe: null };
}
