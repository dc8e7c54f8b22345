import { mailboxName, type Sms, TEXT_AGE_MS } from "../code-mailboxes/index.ts";
import { startDeadline } from "../destinations/index.ts";
import { log } from "../log.ts";
import { MAX_SMS_BYTES, phoneTextOf } from "../sms/index.ts";
import { CODE_OFFER_TIMEOUT_MS, CODE_OFFERS_AT_ONCE } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { inlineBody, type LoadedEvent } from "./load-events.ts";
import type { Routing } from "./load-routing.ts";
import { phoneOf } from "./source-phones.ts";

export type CodeOffers = {
  areDone: () => boolean;
  /** Never rejects. */
  end: Promise<void>;
  /** Events whose mailbox has not answered; final at the end. */
  missed: ReadonlySet<string>;
};

type Parts = Pick<ConsumerDeps, "mailboxes" | "bodies" | "portalPhone">;

/**
 * Offers the SMS of a batch to the mailboxes of the phones that they came from: any may have the code that a login waits
 * for. Also those of events that were routed before: nobody knows whether that try got so far, and a mailbox takes an
 * event once.
 */
export function offerCodes(
  deps: Parts,
  events: LoadedEvent[],
  { phones }: Pick<Routing, "phones">,
): CodeOffers {
  const missed = new Set<string>();
  let isDone = false;
  const offers = events.map(async (event) => {
    const ofSource = phones.get(event.sourceId);
    if (!ofSource || !isWanted(event)) return;
    const phone = phoneOf(event.senderId, ofSource, deps.portalPhone);
    if (phone === null) return;
    missed.add(event.id);
    const isOffered = await offerEvent(deps, event, mailboxName(event.organizationId, phone));
    if (isOffered) missed.delete(event.id);
  });
  const end = Promise.all(offers).then(() => {
    isDone = true;
  });
  return { areDone: () => isDone, end, missed };
}

/** Not of callers who could not prove who they are, nor of muted ones, nor what no mailbox would keep. */
function isWanted({ status, receivedAt }: LoadedEvent): boolean {
  const isFresh = receivedAt > Date.now() - TEXT_AGE_MS;
  return isFresh && status !== "rejected" && status !== "muted";
}

/** False when the mailbox did not answer. Never throws: the event's deliveries are no matter of its mailbox. */
async function offerEvent(deps: Parts, event: LoadedEvent, mailbox: string): Promise<boolean> {
  for (let i = 0; i < CODE_OFFERS_AT_ONCE; i++) {
    const deadline = startDeadline(CODE_OFFER_TIMEOUT_MS);
    try {
      const sms = await deadline.race(smsOf(deps, event));
      if (sms) await deadline.race(deps.mailboxes.getByName(mailbox).offer(sms));
      return true;
    } catch (error) {
      log.warn("mailbox_not_reached", { eventId: event.id, error });
    } finally {
      deadline.clear();
    }
  }
  return false;
}

/** Null when the event holds no message. */
async function smsOf(deps: Parts, event: LoadedEvent): Promise<Sms | null> {
  const { id, contentType, query, receivedAt } = event;
  const message = phoneTextOf({ contentType, query, body: await bodyOf(deps, event) });
  return message && { eventId: id, receivedAt, text: message.text, sender: message.sender };
}

async function bodyOf({ bodies }: Parts, event: LoadedEvent): Promise<Uint8Array | null> {
  const inline = inlineBody(event);
  if (inline || !event.bodyKey || event.size > MAX_SMS_BYTES) return inline;
  const object = await bodies.get(event.bodyKey);
  return object ? new Uint8Array(await object.arrayBuffer()) : null;
}
