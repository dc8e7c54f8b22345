import { MAILBOX_LOOK_MS } from "../constants.ts";
import {
  type Change,
  type Login,
  type LoginStep,
  loginOf,
  note,
  type PairState,
  type Rules,
  withSlot,
} from "./state.ts";

/** Steps of a login. Each carries the login's fence, and is null when that is stale: the caller must not go on. */

const STEP_OF = {
  opened: "browser",
  credentials: "credentials_sent",
  code: "code_submitted",
  verifying: "verifying",
} as const satisfies Record<string, LoginStep>;

/** The browser is about to do what the phase allows. */
export function enterPhase(
  state: PairState,
  fence: number,
  phase: keyof typeof STEP_OF,
  browserId: string,
  now: number,
): Change | null {
  const step = STEP_OF[phase];
  const patch: Partial<Login> = step === "credentials_sent" ? { askedAt: now } : {};
  return change(state, fence, { ...patch, step, browserId }, step);
}

/** The form for a code is open. */
export function awaitCode(
  state: PairState,
  fence: number,
  { browserId, challengeId, now }: { browserId: string; challengeId: string; now: number },
  rules: Pick<Rules, "smsTimeoutMs">,
): Change | null {
  const login = loginOf(state, fence)?.login;
  const patch = {
    step: "awaiting_code" as const,
    sentAt: login?.askedAt ?? now,
    sentSince: login?.challengeId == null ? now : login.sentSince,
    browserId,
    challengeId,
    deadlineAt: now + rules.smsTimeoutMs,
    lookAt: now,
  };
  return change(state, fence, patch, "code_asked");
}

/** The site refused a code; another one may follow. */
export function refuseCode(
  state: PairState,
  fence: number,
  next: { browserId: string; challengeId: string; now: number },
  rules: Pick<Rules, "smsTimeoutMs">,
): Change | null {
  const found = loginOf(state, fence);
  const counted =
    found && change(state, fence, { rejected: found.login.rejected + 1 }, "code_refused");
  const after = counted && awaitCode(counted.state, fence, next, rules);
  return after && { state: after.state, notes: [...counted.notes, ...after.notes] };
}

/** A code is in hand, and about to be typed. */
export function takeCode(
  state: PairState,
  fence: number,
  code: { codeHash: string; waitedMs: number },
): Change | null {
  const found = loginOf(state, fence);
  if (found?.login.step !== "awaiting_code") return null;
  const { codeHash, waitedMs } = code;
  return change(state, fence, { typed: [...found.login.typed, codeHash] }, "code_claimed", {
    codeHash,
    waitedMs,
  });
}

/** The site is about to be asked for another SMS. */
export function countResend(state: PairState, fence: number, now: number): Change | null {
  const found = loginOf(state, fence);
  if (found?.login.step !== "awaiting_code") return null;
  return change(
    state,
    fence,
    { askedAt: now, sentSince: now, resends: found.login.resends + 1 },
    "code_resent",
  );
}

/** The site has been asked: from now on it is left in peace for a while. */
export function finishResend(state: PairState, fence: number, now: number): Change | null {
  return change(state, fence, { sentSince: now }, null);
}

/** The mailbox was empty when the login was as it is given. Null: it has told of a code since. */
export function lookLater(
  state: PairState,
  { fence, lookAt }: Pick<Login, "fence" | "lookAt">,
  now: number,
): Change | null {
  if (loginOf(state, fence)?.login.lookAt !== lookAt) return null;
  return change(state, fence, { lookAt: now + MAILBOX_LOOK_MS }, null);
}

/** The mailbox says that there is a code. */
export function lookNow(state: PairState, challengeId: string, now: number): Change | null {
  for (const { login } of Object.values(state.slots)) {
    if (login?.challengeId === challengeId) {
      return change(state, login.fence, { lookAt: now }, null);
    }
  }
  return null;
}

function change(
  state: PairState,
  fence: number,
  patch: Partial<Login>,
  what: string | null,
  fields: Record<string, string | number> = {},
): Change | null {
  const found = loginOf(state, fence);
  if (!found) return null;
  const { slot, login } = found;
  return {
    state: withSlot(state, slot, { login: { ...login, ...patch } }),
    notes: what === null ? [] : [note(what, slot, { fence, ...fields })],
  };
}
