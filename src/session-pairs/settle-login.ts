import type { LoginOutcome } from "../portal-browser/index.ts";
import { MAX_CODES, MAX_SCREENSHOT_BYTES, MAX_SNAPSHOT_BYTES } from "./constants.ts";
import { askLogout } from "./log-out.ts";
import { failLogin, finishLogin } from "./machine/end-login.ts";
import { awaitCode, refuseCode } from "./machine/login-steps.ts";
import { predictExpiry } from "./machine/prediction.ts";
import { type Login, loginOf } from "./machine/state.ts";
import { leaveMailbox } from "./mailbox.ts";
import { markCredentials } from "./mark-credentials.ts";
import { addSample, countLogin } from "./metrics.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { Reason } from "./reasons.ts";
import type { Evidence } from "./rpc.ts";
import { rulesOf } from "./rules-of.ts";
import type { Snapshot } from "./snapshot.ts";

/** Writes down what a browser's outcome makes of a login. The result: the login that waits for a code now, or null. */
export async function settleLogin(
  pair: Pair,
  portal: UsablePortal,
  fence: number,
  outcome: LoginOutcome,
): Promise<Login | null> {
  switch (outcome.kind) {
    case "in":
      await keepSession(pair, portal, fence, outcome.snapshot);
      return null;
    case "code_asked":
    case "code_rejected": {
      const isRefused = outcome.kind === "code_rejected";
      const { browserId } = outcome;
      const next = { browserId, challengeId: crypto.randomUUID(), now: pair.now };
      const rules = rulesOf(portal.definition);
      const settle = isRefused ? refuseCode : awaitCode;
      if (!pair.commit(settle(pair.state, fence, next, rules))) {
        // Nobody waits for this form any more.
        await pair.discard(browserId);
        return null;
      }
      const login = loginOf(pair.state, fence)?.login ?? null;
      if (!login || login.typed.length < MAX_CODES) return login;
      await pair.discard(browserId);
      await giveUp(pair, portal, fence, endOfCodes(login), { steps: outcome.steps });
      return null;
    }
    case "failed":
      await giveUp(pair, portal, fence, outcome.reason, outcome);
      return null;
  }
}

/** Why a login ends that no further code is typed into, or that none came for. */
export function endOfCodes({ typed, rejected }: Login): Reason {
  if (typed.length < MAX_CODES) return "code_missing";
  // Stopped twice while a code was typed: nobody knows what the site made of it.
  return rejected > 0 ? "code_rejected" : "interrupted";
}

/** The jar and the state that it makes ready are written together. */
async function keepSession(
  pair: Pair,
  portal: UsablePortal,
  fence: number,
  made: Snapshot,
): Promise<void> {
  const snapshot = { ...made, origins: portal.definition.origins };
  if (JSON.stringify(snapshot).length > MAX_SNAPSHOT_BYTES) {
    return giveUp(pair, portal, fence, "snapshot_too_large");
  }
  for (;;) {
    const found = loginOf(pair.state, fence);
    // The pair was stopped meanwhile: nobody keeps the session, and nobody else could end it.
    if (!found) return void (await askLogout(pair, portal, snapshot));
    const { slot, login } = found;
    const jar = await pair.jars.prepare({ slot, fence }, snapshot);
    const { now } = pair;
    const endsAt = pair.parts.site.cookiesEndAt(snapshot, portal.definition);
    const rules = rulesOf(portal.definition);
    const expiresAt = predictExpiry(now, endsAt, rules, pair.state.lives);
    const change = finishLogin(pair.state, fence, { expiresAt, now });
    // An answer of the session before has changed its jar meanwhile.
    if (change && !jar.isCurrent()) continue;
    if (!pair.commit(change, jar.write)) return;
    pair.count((counts) => ({
      ...countLogin(counts, "in"),
      readyMs: addSample(counts.readyMs, now - login.startedAt),
    }));
    await leaveMailbox(pair, portal, fence);
    return;
  }
}

/** Ends a login without a session, with what there is to see. */
export async function giveUp(
  pair: Pair,
  portal: UsablePortal,
  fence: number,
  reason: Reason,
  seen: Partial<Pick<Evidence, "url" | "steps" | "screenshot">> = {},
): Promise<void> {
  const [credentials = null] = await markCredentials(portal.credentials, pair.parts.masterKey);
  const { now } = pair;
  const evidenceId = crypto.randomUUID();
  const { url = "", steps = [], screenshot = null } = seen;
  const fits = screenshot && screenshot.byteLength <= MAX_SCREENSHOT_BYTES;
  const chance = pair.parts.chance();
  const change = failLogin(pair.state, fence, { reason, evidenceId, credentials, chance, now });
  const evidence = {
    id: evidenceId,
    at: now,
    reason,
    url,
    steps,
    screenshot: fits ? screenshot : null,
  };
  if (!pair.commit(change, () => pair.store.keepEvidence(evidence))) return;
  pair.count((counts) => countLogin(counts, reason));
  await leaveMailbox(pair, portal, fence);
}
