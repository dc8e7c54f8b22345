import { parseBank } from "./bank.ts";
import { parseCard } from "./card.ts";
import { normalise } from "./normalise.ts";
import { isAd, isLure, parseOther } from "./other.ts";
import { parseOtp } from "./otp.ts";
import type { CardSms, OtpSms, Sms } from "./sms-fields.ts";

export type SmsInput = {
  text: string;
  /** The number it came from, as the phone says. */
  sender?: string;
  /** Milliseconds UTC. */
  receivedAt: number;
  /** It came by a phone: then a message of 4–8 digits only, also grouped, is a code. */
  isPhone?: boolean;
};

/**
 * What a message says. Never throws and never drops: what cannot be read is `other`. Time is linear in the text, of
 * which MAX_SMS_CHARS are looked at.
 */
export function parseSms({ text, sender, receivedAt, isPhone = false }: SmsInput): Sms {
  const plain = normalise(text);
  const bare = isPhone ? bareCodeIn(plain) : null;
  if (bare !== null) return bareCode(bare);
  if (isAd(plain)) return parseOther(plain);
  const card = parseCard(plain, receivedAt);
  // A full alert may state the number of its approval; a code is asked for before there is one.
  if (card && isComplete(card) && !isAsked(plain))
    return isOdd(plain, card, sender) ? parseOther(plain) : card;
  const otp = parseOtp(plain);
  if (otp && !isLocker(plain)) return otp;
  if (card) return isOdd(plain, card, sender) ? parseOther(plain) : card;
  return parseBank(plain, receivedAt) ?? parseOther(plain);
}

/** Digits by themselves, with spaces or one hyphen among them: two hyphens make a date or a number that is dialled. */
function bareCodeIn(plain: string): string | null {
  if (!/^\d+(?:(?: \d+){0,7}|-\d+)$/.test(plain)) return null;
  const digits = plain.replace(/[ -]/g, "");
  return digits.length >= 4 && digits.length <= 8 ? digits : null;
}

function bareCode(code: string): OtpSms {
  return { kind: "otp", code, service: null, validSeconds: null };
}

function isComplete({ occurredAt, issuer }: CardSms): boolean {
  return occurredAt !== null && issuer !== null;
}

/** True when a code is asked for by any label but the number of an approval. */
function isAsked(text: string): boolean {
  return (
    /인증|일회용|OTP|코드|본인확인|입력/.test(text) || /(?<![A-Za-z])code(?![A-Za-z])/i.test(text)
  );
}

/** The code of a parcel locker opens a door, not an account. */
function isLocker(text: string): boolean {
  return /보관함|무인 ?택배|택배함|사물함/.test(text);
}

/** An alert with no card and no holder that wants to be called back, or comes from an internet phone, as no card house does. */
function isOdd(text: string, { cardId, holder }: CardSms, sender = ""): boolean {
  return cardId === null && holder === null && (isLure(text) || /^(?:\+?82-?|0)70/.test(sender));
}
