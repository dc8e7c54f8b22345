import { log } from "../log.ts";
import { OUTAGE_PAUSE_MS } from "./constants.ts";
import { logOutSlot } from "./log-out.ts";
import { type Due, decide, flightOf } from "./machine/decide.ts";
import { failLogin, hold } from "./machine/end-login.ts";
import { postpone } from "./machine/lease.ts";
import { lookLater } from "./machine/login-steps.ts";
import { endHold, restSlot } from "./machine/operate.ts";
import { recordProbe, swapRoles } from "./machine/roles.ts";
import type { Change } from "./machine/state.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import { probeSession } from "./probe-session.ts";
import { rulesOf } from "./rules-of.ts";
import { beginLogin, lookForCode, recoverLogin, resendCode } from "./run-login.ts";
import { endOfCodes, giveUp } from "./settle-login.ts";

/** Rounds before the alarm takes over: far more than anything needs. */
const MAX_ROUNDS = 60;

/** Does what is due until nothing is, and sets the alarm for what comes next. Idempotent; may run beside itself. */
export async function advance(pair: Pair): Promise<void> {
  try {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      // Each time: it may have been changed while something was under way.
      const portal = await pair.portal();
      if (!portal?.definition) {
        holdWithoutDefinition(pair);
        return;
      }
      const { definition } = portal;
      const flights = launch(pair, { ...portal, definition });
      if (flights.length === 0) break;
      await Promise.race(flights);
    }
  } catch (error) {
    log.error("portal_not_advanced", { portalId: pair.portalId, error });
  } finally {
    pair.arm();
  }
}

/** Starts what is due and not under way. */
function launch(pair: Pair, portal: UsablePortal): Promise<unknown>[] {
  const isRun = pair.flights.has("login");
  const { due } = decide(pair.state, rulesOf(portal.definition), pair.now, isRun);
  for (const one of due) {
    const name = flightOf(one);
    if (!pair.flights.has(name)) void pair.flights.run(name, () => perform(pair, portal, one));
  }
  return pair.flights.all();
}

/** Never throws: what goes wrong outside comes back as data, and what is our own fault is tried again later. */
async function perform(pair: Pair, portal: UsablePortal, due: Due): Promise<void> {
  try {
    await act(pair, portal, due);
  } catch (error) {
    log.error("portal_step_failed", { portalId: portal.id, step: due.do, error });
    pair.commit(putOff(pair, portal, due));
  }
}

/** So that what cannot be done is not tried again at once. */
function putOff(pair: Pair, portal: UsablePortal, due: Due): Change | null {
  const { state, now } = pair;
  if (due.do === "probe") {
    const fence = state.slots[due.slot].session?.fence ?? 0;
    const rules = rulesOf(portal.definition);
    return recordProbe(state, { slot: due.slot, fence }, "inconclusive", rules, now);
  }
  if (due.do === "log_out") return restSlot(state, due.slot, null);
  const login = "slot" in due && due.do !== "login" ? state.slots[due.slot].login : null;
  if (!login) return postpone(state, now + OUTAGE_PAUSE_MS);
  if (due.do === "look" || due.do === "resend") return lookLater(state, login, now);
  // A login that can neither be found again nor be given up in order is over all the same.
  const failure = { reason: "interrupted", evidenceId: null, credentials: null } as const;
  return failLogin(state, login.fence, { ...failure, chance: pair.parts.chance(), now });
}

async function act(pair: Pair, portal: UsablePortal, due: Due): Promise<void> {
  if (due.do === "swap") {
    pair.commit(swapRoles(pair.state, pair.now));
    return;
  }
  if (due.do === "end_hold") {
    pair.commit(endHold(pair.state, pair.now));
    return;
  }
  const { session, login } = pair.state.slots[due.slot];
  switch (due.do) {
    case "login":
      return beginLogin(pair, portal, due.slot, due.cause);
    case "probe":
      if (session) await probeSession(pair, portal, { slot: due.slot, fence: session.fence });
      return;
    case "log_out":
      return logOutSlot(pair, portal, due.slot);
    case "hold_budget": {
      const { now } = pair;
      const reason = "budget_exhausted";
      const why = { reason, evidenceId: null, credentials: null, now } as const;
      pair.commit(hold(pair.state, due.slot, why, due.until));
      return;
    }
    case "look":
      if (login) await lookForCode(pair, portal, login);
      return;
    case "resend":
      if (login) await resendCode(pair, portal, login);
      return;
    case "recover":
      if (login) await recoverLogin(pair, portal, login);
      return;
    case "give_up":
      if (!login) return;
      if (login.browserId !== null) await pair.discard(login.browserId);
      return giveUp(pair, portal, login.fence, endOfCodes(login));
  }
}

/** The portal is gone, or its definition cannot be used. */
function holdWithoutDefinition(pair: Pair): void {
  const { state, now } = pair;
  if (!state.running || state.hold) return;
  const reason = "definition_missing";
  const slot = state.primary ?? "A";
  pair.commit(hold(state, slot, { reason, evidenceId: null, credentials: null, now }));
}
