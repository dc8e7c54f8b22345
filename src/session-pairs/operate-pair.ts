import { logOutAll } from "./log-out.ts";
import { budgetAllowsAt } from "./machine/budget.ts";
import { changeAccount, loseAccount } from "./machine/change-account.ts";
import { noticeVersion, resume, start, stop } from "./machine/operate.ts";
import { loginOf, loginSlot, primaryOf } from "./machine/state.ts";
import { leaveMailbox } from "./mailbox.ts";
import { markAccount, markCredentials } from "./mark-credentials.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { OpenedPortal } from "./parts.ts";
import { probeSession } from "./probe-session.ts";
import { rulesOf } from "./rules-of.ts";

/** Ends both sessions, and the login that runs. */
export async function stopPair(pair: Pair, portal: OpenedPortal | null): Promise<void> {
  const slot = loginSlot(pair.state);
  const login = slot && pair.state.slots[slot].login;
  pair.commit(stop(pair.state));
  if (login?.browserId) await pair.discard(login.browserId);
  if (!portal?.definition) return;
  const usable = { ...portal, definition: portal.definition };
  if (login) await leaveMailbox(pair, usable, login.fence);
  await logOutAll(pair, usable);
}

/** Starts the pair of an enabled portal, and stops that of another: whatever was missed is made good. */
export async function followPortal(pair: Pair, portal: OpenedPortal | null): Promise<void> {
  if (!portal?.enabled) {
    await stopPair(pair, portal);
    return;
  }
  pair.commit(start(pair.state));
  await followAccount(pair, portal);
  await endCredentialsHold(pair, portal);
  if (portal.definition) noticeDeploy(pair, { ...portal, definition: portal.definition });
}

/** None any more, another user name, or another site: nobody is served by the sessions of the one before. */
async function followAccount(pair: Pair, portal: OpenedPortal): Promise<void> {
  const marks = await markAccount(portal, pair.parts.masterKey);
  if (!pair.isCurrent(portal)) return;
  const { state, now } = pair;
  const slot = loginSlot(state);
  const login = slot && state.slots[slot].login;
  pair.commit(portal.hasAccount ? changeAccount(state, marks, now) : loseAccount(state, now));
  if (!login || !portal.definition || loginOf(pair.state, login.fence)) return;
  if (login.browserId) await pair.discard(login.browserId);
  await leaveMailbox(pair, { ...portal, definition: portal.definition }, login.fence);
}

/** Which holds another user name, password or definition ends. */
const MENDED = new Set(["wrong_password", "credentials_missing", "credentials_unreadable"]);

/** A password that the site has refused is not tried again; another one is. */
async function endCredentialsHold(pair: Pair, portal: OpenedPortal): Promise<void> {
  const { hold } = pair.state;
  if (hold?.reason === "definition_missing" && portal.definition) {
    pair.commit(resume(pair.state, pair.now, "portal"));
  }
  if (!hold || !MENDED.has(hold.reason) || !portal.credentials) return;
  const marks = await markCredentials(portal.credentials, pair.parts.masterKey);
  const isOther = hold.credentials === null || !marks.includes(hold.credentials);
  if (isOther && pair.state.hold === hold) {
    pair.commit(resume(pair.state, pair.now, "portal"));
  }
}

/**
 * Another version of the Worker runs. Sessions are kept, and probed at once; or they are logged out, when the portal
 * asks for it and the budget has a login for what comes after.
 */
function noticeDeploy(pair: Pair, portal: UsablePortal): void {
  const { now, state } = pair;
  const isAffordable = budgetAllowsAt(state, rulesOf(portal.definition), now, false) <= now;
  const ends = portal.onDeploy === "logout" && isAffordable && !state.hold;
  pair.commit(noticeVersion(state, pair.parts.version, ends, now));
}

/** Probes whatever should have been by now; a login that runs may hold the alarm up. */
export async function probeOverdue(pair: Pair, portal: UsablePortal): Promise<void> {
  const { now, state } = pair;
  const slots = (["A", "B"] as const).filter((slot) => {
    const { session } = state.slots[slot];
    return session && session.probeAt <= now && primaryOf(state);
  });
  await Promise.all(
    slots.map((slot) => {
      const fence = state.slots[slot].session?.fence ?? 0;
      return pair.flights.run(`probe:${slot}`, () => probeSession(pair, portal, { slot, fence }));
    }),
  );
}
