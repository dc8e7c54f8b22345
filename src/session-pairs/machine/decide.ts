import { MAX_CODES, MAX_RESENDS, RESEND_AFTER_MS, RESEND_GAP_MS } from "../constants.ts";
import type { SlotName } from "../rpc.ts";
import { swapAt } from "./prediction.ts";
import {
  type Cause,
  type Login,
  loginSlot,
  otherSlot,
  type PairState,
  primaryOf,
  type Rules,
  type Session,
} from "./state.ts";
import { wishLogin } from "./wish-login.ts";

/** What is due. Whoever does it asks again afterwards. */
export type Due =
  | { do: "login"; slot: SlotName; cause: Cause }
  /** The state tells of a login that nobody runs: its Worker was stopped. */
  | { do: "recover"; slot: SlotName }
  | { do: "look"; slot: SlotName }
  | { do: "resend"; slot: SlotName }
  /** No SMS came in time, or as many codes were typed as may be. */
  | { do: "give_up"; slot: SlotName }
  | { do: "probe"; slot: SlotName }
  | { do: "swap" }
  /** Sessions that were given up, and not logged out yet. */
  | { do: "log_out"; slot: SlotName }
  | { do: "hold_budget"; slot: SlotName; until: number }
  /** What a hold waits for has come. */
  | { do: "end_hold" };

/** The name under which it runs: each name once at a time, and a login has one whatever it is at. */
export function flightOf(due: Due): string {
  return due.do === "probe" || due.do === "log_out" ? `${due.do}:${due.slot}` : "login";
}

export type Decision = {
  due: Due[];
  /** When something will be due (ms UTC); null: nothing, until somebody calls. */
  wakeAt: number | null;
};

type Timed = { at: number; due: Due };

/** `isRun`: the login that the state tells of is being run in this very object. */
export function decide(state: PairState, rules: Rules, now: number, isRun: boolean): Decision {
  const timed = [
    ...logouts(state, now),
    ...(state.running
      ? [
          ...probes(state),
          ...swaps(state),
          ...holdEnds(state),
          ...loginSteps(state, rules, now, isRun),
          ...logins(state, rules, now),
        ]
      : []),
  ];
  const due = timed.filter(({ at }) => at <= now).map((one) => one.due);
  const later = timed.filter(({ at }) => at > now).map(({ at }) => at);
  return { due, wakeAt: later.length === 0 ? null : Math.min(...later) };
}

function probes(state: PairState): Timed[] {
  return (["A", "B"] as const).flatMap((slot) => {
    const { session } = state.slots[slot];
    if (!session) return [];
    return [{ at: probeAt(session), due: { do: "probe", slot } as const }];
  });
}

/** As often as the portal asks for, and when the session is expected to end. */
function probeAt({ probeAt: at, expiresAt, lastProbeAt }: Session): number {
  const isEndSeen = expiresAt === null || (lastProbeAt !== null && lastProbeAt >= expiresAt);
  return isEndSeen ? at : Math.min(at, expiresAt);
}

function swaps(state: PairState): Timed[] {
  const primary = primaryOf(state);
  if (!primary) return [];
  const at = swapAt(primary.session);
  const backup = state.slots[otherSlot(primary.slot)];
  if (at === null || !backup.session || backup.login) return [];
  // An older backup would end first.
  if (backup.session.readyAt <= primary.session.readyAt) return [];
  return [{ at, due: { do: "swap" } }];
}

function loginSteps(state: PairState, rules: Rules, now: number, isRun: boolean): Timed[] {
  const slot = loginSlot(state);
  const login = slot && state.slots[slot].login;
  if (!slot || !login || isRun) return [];
  if (login.step !== "awaiting_code") return [{ at: now, due: { do: "recover", slot } }];
  if (login.typed.length >= MAX_CODES) return [{ at: now, due: { do: "give_up", slot } }];
  const resend = resendAt(login, rules);
  const steps: Timed[] = [{ at: login.lookAt, due: { do: "look", slot } }];
  if (resend !== null && resend < login.deadlineAt) {
    steps.push({ at: resend, due: { do: "resend", slot } });
  }
  steps.push({ at: login.deadlineAt, due: { do: "give_up", slot } });
  // One at a time, a look before anything else: the code may be there.
  const first = steps.find(({ at }) => at <= now);
  return first ? [first] : steps;
}

/** When the site may be asked for another SMS; null: not any more in this login. */
export function resendAt(login: Login, { canResend }: Pick<Rules, "canResend">): number | null {
  if (!canResend || login.resends >= MAX_RESENDS) return null;
  // A code that was refused will not be followed by another unless one is asked for.
  const isAnswered = login.rejected > login.resends;
  return login.sentSince + (isAnswered ? RESEND_GAP_MS : RESEND_AFTER_MS);
}

function logins(state: PairState, rules: Rules, now: number): Timed[] {
  const wish = wishLogin(state, rules, now);
  if (!wish) return [];
  const { slot } = wish;
  if (wish.kind === "spent") {
    return [{ at: now, due: { do: "hold_budget", slot, until: wish.until } }];
  }
  const primary = primaryOf(state);
  if (primary && wish.at <= now && !isProbedLately(primary.session, rules, now)) {
    // Nothing is risked for a backup while nobody knows that the primary lives; its probe is due first.
    return [];
  }
  return [{ at: wish.at, due: { do: "login", slot, cause: wish.cause } }];
}

function isProbedLately(
  { lastProbeAt, lastVerdict }: Session,
  { probeEveryMs }: Rules,
  now: number,
): boolean {
  return lastVerdict === "in" && lastProbeAt !== null && lastProbeAt > now - probeEveryMs;
}

function holdEnds({ hold }: PairState): Timed[] {
  return hold && hold.until !== null ? [{ at: hold.until, due: { do: "end_hold" } }] : [];
}

function logouts(state: PairState, now: number): Timed[] {
  return (["A", "B"] as const)
    .filter((slot) => state.slots[slot].rest === "draining" && !state.slots[slot].session)
    .map((slot) => ({ at: now, due: { do: "log_out", slot } }));
}
