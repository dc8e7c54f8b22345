import { type CodeMailboxRpc, mailboxName } from "../code-mailboxes/index.ts";
import { log } from "../log.ts";
import { LOGIN_MARGIN_MS, OUTAGE_PAUSE_MS } from "./constants.ts";
import type { Login } from "./machine/state.ts";
import type { Pair, UsablePortal } from "./pair.ts";

/** The mailbox of the portal's phone; null: its logins need no code, or have no phone to get it. */
function mailboxOf(pair: Pair, portal: UsablePortal): CodeMailboxRpc | null {
  if (!portal.definition.login.code || portal.phone === null) return null;
  return pair.parts.mailboxes.getByName(mailboxName(portal.organizationId, portal.phone));
}

/** The right to log in with the phone. Null: granted; else when to ask again (ms UTC). */
export async function enterMailbox(
  pair: Pair,
  portal: UsablePortal,
  fence: number,
): Promise<number | null> {
  const until = pair.now + portal.definition.sms.timeoutMs + LOGIN_MARGIN_MS;
  try {
    const entry = await mailboxOf(pair, portal)?.enter({ portalId: portal.id, fence, until });
    if (!entry || entry.granted) return null;
    return Math.max(entry.retryAt, pair.now + 1_000);
  } catch (error) {
    log.warn("mailbox_unreachable", { portalId: portal.id, error });
    return pair.now + OUTAGE_PAUSE_MS;
  }
}

/** Never throws: the right runs out by itself. */
export async function leaveMailbox(pair: Pair, portal: UsablePortal, fence: number): Promise<void> {
  try {
    await mailboxOf(pair, portal)?.leave({ portalId: portal.id, fence });
  } catch (error) {
    log.warn("mailbox_unreachable", { portalId: portal.id, error });
  }
}

/**
 * The code for a login that waits for one; null: none yet. The mailbox is told each time what is waited for: it may
 * not have heard, and hears the same twice without harm.
 */
export async function claimCode(
  pair: Pair,
  portal: UsablePortal,
  { fence, challengeId, sentAt, deadlineAt, resends, askedAt }: Login,
): Promise<{ code: string; receivedAt: number; codeHash: string } | null> {
  const mailbox = mailboxOf(pair, portal);
  if (!mailbox || challengeId === null) return null;
  const { senders, pattern = null } = portal.definition.sms;
  try {
    await enterMailbox(pair, portal, fence);
    await mailbox.expect({
      challengeId,
      portalId: portal.id,
      fence,
      sentAt,
      deadlineAt,
      resentAt: resends > 0 ? askedAt : null,
      senders,
      pattern,
    });
    return await mailbox.claim({ challengeId, fence });
  } catch (error) {
    log.warn("mailbox_unreachable", { portalId: portal.id, error });
    return null;
  }
}
