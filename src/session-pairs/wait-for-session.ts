import { advance } from "./advance.ts";
import { RETRY_AFTER_MS } from "./constants.ts";
import { primaryOf } from "./machine/state.ts";
import { wishLogin } from "./machine/wish-login.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { SlotName } from "./rpc.ts";
import { rulesOf } from "./rules-of.ts";

/** The session that serves a request. */
export type InUse = { kind: "session"; slot: SlotName; fence: number; epoch: number };
type NoSession = { kind: "unavailable"; reason: string; retryAfterMs: number };

/** The primary, or the session that a running or due login makes until `until` (ms UTC). */
export async function waitForSession(
  pair: Pair,
  portal: UsablePortal,
  until: number,
): Promise<InUse | NoSession> {
  for (let isPushed = false; ; isPushed = true) {
    const primary = primaryOf(pair.state);
    if (primary) {
      const { slot, session } = primary;
      return { kind: "session", slot, fence: session.fence, epoch: pair.state.epoch };
    }
    const hopeless = whyNone(pair, portal, until);
    if (hopeless) return hopeless;
    if (!isPushed) pair.later(advance(pair));
    await pair.change(until);
  }
}

/** Why it is of no use to wait longer; null: a login runs or is due. */
function whyNone(pair: Pair, portal: UsablePortal, until: number): NoSession | null {
  const { state, now } = pair;
  if (!state.running) return none("stopped", RETRY_AFTER_MS.hold);
  if (state.hold) {
    const { reason, until: endsAt } = state.hold;
    return none(reason, endsAt === null ? RETRY_AFTER_MS.hold : Math.max(1_000, endsAt - now));
  }
  const wish = wishLogin(state, rulesOf(portal.definition), now);
  if (wish?.kind === "spent") return none("budget_exhausted", wish.until - now);
  if (wish && wish.at > until) {
    return none(state.failure ?? "no_session_ready", wish.at - now);
  }
  return now >= until ? none("no_session_ready", RETRY_AFTER_MS.login) : null;
}

const none = (reason: string, retryAfterMs: number): NoSession => ({
  kind: "unavailable",
  reason,
  retryAfterMs,
});
