import type { LoginInput, LoginOutcome, OnPhase } from "../portal-browser/index.ts";
import { decide } from "./machine/decide.ts";
import { hold } from "./machine/end-login.ts";
import { lease, postpone } from "./machine/lease.ts";
import {
  countResend,
  enterPhase,
  finishResend,
  lookLater,
  takeCode,
} from "./machine/login-steps.ts";
import { type Cause, type Login, loginSlot } from "./machine/state.ts";
import { claimCode, enterMailbox, leaveMailbox } from "./mailbox.ts";
import { markAccount } from "./mark-credentials.ts";
import { addSample } from "./metrics.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { SlotName } from "./rpc.ts";
import { rulesOf } from "./rules-of.ts";
import { giveUp, settleLogin } from "./settle-login.ts";

/** A login goes on only while its fence is the newest: the browser stops at the next phase. */
class StaleLogin extends Error {}

/** Begins a login, as far as it goes without an SMS. */
export async function beginLogin(
  pair: Pair,
  portal: UsablePortal,
  slot: SlotName,
  cause: Cause,
): Promise<void> {
  const { credentials, credentialsFault } = portal;
  if (!credentials) {
    const reason = credentialsFault ?? "credentials_missing";
    const failure = { reason, evidenceId: null, credentials: null, now: pair.now };
    pair.commit(hold(pair.state, slot, failure));
    return;
  }
  const [account = null] = await markAccount(portal, pair.parts.masterKey);
  const fence = pair.state.fence + 1;
  const retryAt = await enterMailbox(pair, portal, fence);
  if (retryAt !== null) {
    pair.commit(postpone(pair.state, retryAt));
    return;
  }
  const id = `ses_${crypto.randomUUID().replaceAll("-", "")}`;
  // Much may have changed since it was wished for.
  const isWished =
    pair.isCurrent(portal) && pair.state.fence + 1 === fence && isDue(pair, portal, slot);
  if (!isWished || !pair.commit(lease(pair.state, { slot, id, account, cause, now: pair.now }))) {
    await leaveMailbox(pair, portal, fence);
    return;
  }
  const input = await inputOf(pair, portal, slot);
  await follow(pair, portal, fence, () =>
    pair.parts.browser.begin(input, phaseKeeper(pair, portal, fence)),
  );
}

/** Looks into the mailbox for the code of a login that waits, and types it. */
export async function lookForCode(pair: Pair, portal: UsablePortal, login: Login): Promise<void> {
  const found = await claimCode(pair, portal, login);
  const outcome = found && (await typeCode(pair, portal, login, found));
  if (outcome) await follow(pair, portal, login.fence, outcome);
  else pair.commit(lookLater(pair.state, login, pair.now));
}

/** Asks the site for another SMS. */
export async function resendCode(pair: Pair, portal: UsablePortal, login: Login): Promise<void> {
  const { browserId, fence } = login;
  if (browserId === null || !pair.commit(countResend(pair.state, fence, pair.now))) return;
  const input = await inputOf(pair, portal, slotOf(pair));
  const outcome = await pair.parts.browser.resend(input, browserId);
  pair.takeBrowserTime(pair.parts.browser);
  pair.commit(finishResend(pair.state, fence, pair.now));
  // The form is open as before: the challenge goes on.
  if (outcome.kind !== "code_asked") await settleLogin(pair, portal, fence, outcome);
}

/** Finds out where a login stands whose Worker was stopped. */
export async function recoverLogin(pair: Pair, portal: UsablePortal, login: Login): Promise<void> {
  const { browserId, fence, step } = login;
  // Without credentials nobody can go on, wherever it stands.
  const mayHaveGoneOn = step !== "leased" && step !== "browser" && portal.credentials !== null;
  if (browserId === null || !mayHaveGoneOn) {
    if (browserId !== null) await pair.discard(browserId);
    await giveUp(pair, portal, fence, "interrupted");
    return;
  }
  const input = await inputOf(pair, portal, slotOf(pair));
  await follow(pair, portal, fence, async () => {
    const outcome = await pair.parts.browser.look(input, browserId);
    if (outcome.kind === "in" || outcome.kind === "code_asked") return outcome;
    await pair.discard(browserId);
    return outcome.kind === "failed"
      ? { ...outcome, reason: "interrupted" }
      : { kind: "failed", reason: "interrupted", url: "", screenshot: null, steps: outcome.steps };
  });
}

type Act = () => Promise<LoginOutcome>;

/** Goes on as long as there is something to do at once. */
async function follow(pair: Pair, portal: UsablePortal, fence: number, first: Act): Promise<void> {
  for (let act: Act | null = first; act; ) {
    const outcome = await stopWhenStale(act);
    pair.takeBrowserTime(pair.parts.browser);
    const waiting: Login | null = outcome && (await settleLogin(pair, portal, fence, outcome));
    if (!outcome) await leaveMailbox(pair, portal, fence);
    if (!waiting) return;
    // The code may have been quicker than the form.
    const found = await claimCode(pair, portal, waiting);
    act = found && (await typeCode(pair, portal, waiting, found));
    if (!act) pair.commit(lookLater(pair.state, waiting, pair.now));
  }
}

/** Null: another login has begun, or the pair was stopped. */
async function stopWhenStale(act: Act): Promise<LoginOutcome | null> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof StaleLogin) return null;
    throw error;
  }
}

/** Writes a code down as taken. Null: it is not to be typed. */
async function typeCode(
  pair: Pair,
  portal: UsablePortal,
  login: Login,
  found: { code: string; receivedAt: number; codeHash: string },
): Promise<Act | null> {
  const { fence, browserId } = login;
  const { code, codeHash, receivedAt } = found;
  const isTyped = login.typed.includes(codeHash);
  const waitedMs = Math.max(0, receivedAt - login.askedAt);
  pair.count((counts) => ({
    ...counts,
    claims: counts.claims + 1,
    claimConflicts: counts.claimConflicts + (isTyped ? 1 : 0),
    smsMs: addSample(counts.smsMs, waitedMs),
  }));
  if (isTyped || browserId === null) return null;
  if (!pair.commit(takeCode(pair.state, fence, { codeHash, waitedMs }))) return null;
  const input = await inputOf(pair, portal, slotOf(pair));
  const { browser } = pair.parts;
  return () => browser.submitCode(input, browserId, code, phaseKeeper(pair, portal, fence));
}

function phaseKeeper(pair: Pair, portal: UsablePortal, fence: number): OnPhase {
  return async (phase, browserId) => {
    // A browser that took its time may have lost the phone to another login.
    if (phase === "credentials" && (await enterMailbox(pair, portal, fence)) !== null) {
      await giveUp(pair, portal, fence, "interrupted");
    }
    if (!pair.commit(enterPhase(pair.state, fence, phase, browserId, pair.now))) {
      throw new StaleLogin(`login ${fence} is over`);
    }
  };
}

async function inputOf(pair: Pair, portal: UsablePortal, slot: SlotName): Promise<LoginInput> {
  const { definition, credentials } = portal;
  if (!credentials) throw new Error("a login runs without credentials");
  const keepsDevice = definition.session.deviceCookies.length > 0;
  const jar = keepsDevice ? await pair.jars.newest(slot) : null;
  const { login, session, past } = pair.state.slots[slot];
  const maker = [session, past].find((one) => one?.fence === jar?.fence);
  // Another account's device is none of this one's.
  const isOwn = maker?.account === login?.account;
  return { definition, credentials, device: isOwn && jar ? jar.snapshot : null };
}

const slotOf = (pair: Pair): SlotName => loginSlot(pair.state) ?? "A";

function isDue(pair: Pair, portal: UsablePortal, slot: SlotName): boolean {
  const { due } = decide(pair.state, rulesOf(portal.definition), pair.now, false);
  return due.some((one) => one.do === "login" && one.slot === slot);
}
