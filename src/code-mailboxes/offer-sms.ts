import {
  MAX_EVENT_ID_CHARS,
  MAX_KEPT_TEXTS,
  MAX_SENDER_CHARS,
  MAX_TEXT_CHARS,
  MAX_TRACES,
  TEXT_AGE_MS,
} from "./constants.ts";
import { eligibleCode, liveChallenge } from "./eligible-code.ts";
import type { KeptSms, MailboxState, Step, WaitingChallenge } from "./mailbox-state.ts";
import type { Sms } from "./rpc.ts";

/** `wakes`: the challenge that it may answer. */
type Offered = { kept: boolean; wakes: WaitingChallenge | null };

/** Keeps an SMS. The same event twice, one that is too old to be of use, and one without text do nothing. */
export function offerSms(state: MailboxState, offered: Sms, now: number): Step<Offered> {
  const eventId = offered.eventId.slice(0, MAX_EVENT_ID_CHARS);
  // A time that has not come yet is another machine's clock.
  const receivedAt = Math.min(offered.receivedAt, now);
  const isKnown = state.sms.some((sms) => sms.eventId === eventId);
  if (isKnown || receivedAt <= now - TEXT_AGE_MS || offered.text.trim() === "") {
    return { state, answer: { kept: false, wakes: null } };
  }
  const sms: KeptSms = {
    eventId,
    receivedAt,
    text: offered.text.slice(0, MAX_TEXT_CHARS),
    sender: offered.sender?.slice(0, MAX_SENDER_CHARS) ?? null,
    state: "kept",
    codeHash: null,
  };
  const challenge = liveChallenge(state, now);
  const wakes = challenge && eligibleCode(state, challenge, sms) ? challenge : null;
  return { state: { ...state, sms: bounded([...state.sms, sms]) }, answer: { kept: true, wakes } };
}

/** Without the oldest of what is too many. What was handed out stays: it must be known. */
function bounded(sms: KeptSms[]): KeptSms[] {
  const texts = oldestFirst(sms.filter(({ text }) => text !== null));
  const tooMany = new Set(texts.slice(0, Math.max(0, texts.length - MAX_KEPT_TEXTS)));
  const traces = oldestFirst(sms.filter((each) => each.text === null && each.state !== "claimed"));
  for (const each of traces.slice(0, Math.max(0, traces.length - MAX_TRACES))) tooMany.add(each);
  return tooMany.size === 0 ? sms : sms.filter((each) => !tooMany.has(each));
}

function oldestFirst(sms: KeptSms[]): KeptSms[] {
  return sms.toSorted((a, b) => a.receivedAt - b.receivedAt);
}
