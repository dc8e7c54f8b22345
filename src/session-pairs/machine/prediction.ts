import { LEARNED_LIVES, MIN_LIFE_MS, SWAP_MARGIN } from "../constants.ts";
import { quantile } from "../quantile.ts";
import type { Rules, Session } from "./state.ts";

/** When a session made at `readyAt` is expected to end; null: nothing says so. */
export function predictExpiry(
  readyAt: number,
  cookiesEndAt: number | null,
  rules: Pick<Rules, "lifeMs">,
  lives: number[],
): number | null {
  const learned =
    lives.length >= LEARNED_LIVES.min ? quantile(lives, LEARNED_LIVES.quantile) : null;
  const ends = [
    cookiesEndAt,
    rules.lifeMs === null ? null : readyAt + rules.lifeMs,
    learned === null ? null : readyAt + learned,
  ].filter((at) => at !== null && at >= readyAt + MIN_LIFE_MS) as number[];
  return ends.length === 0 ? null : Math.min(...ends);
}

/** When the role should be handed over; null: when the session ends. */
export function swapAt({ readyAt, expiresAt }: Session): number | null {
  if (expiresAt === null) return null;
  return expiresAt - marginOf(expiresAt - readyAt);
}

/** From here on a session without a backup is as good as none. */
export function urgentAt({ readyAt, expiresAt }: Session): number | null {
  if (expiresAt === null) return null;
  return expiresAt - 2 * marginOf(expiresAt - readyAt);
}

const marginOf = (lifeMs: number) => Math.min(SWAP_MARGIN.maxMs, lifeMs * SWAP_MARGIN.part);

export function learn(lives: number[], lifeMs: number): number[] {
  return [...lives, lifeMs].slice(-LEARNED_LIVES.max);
}
