import { MAX_CODE_DISTANCE } from "./constants.ts";
import { findWon } from "./money.ts";
import { findLabels, type Span, veil } from "./otp-labels.ts";
import { serviceOf } from "./otp-service.ts";
import type { OtpSms } from "./sms-fields.ts";

type Candidate = Span & { code: string; rawCode?: string };

/** The last line of a WebOTP message: `@example.com #123456`. */
const WEB_OTP =
  /(?:^|\n)@(?<domain>[A-Za-z0-9.-]{3,253}) #(?<code>[A-Za-z0-9]{4,10})(?: %[^\n]{1,253})?$/;
/** Groups of digits; `G-` and the like may stand before them. */
const DIGITS =
  /(?<![A-Za-z\d.])(?:(?<prefix>[A-Z]{1,3})-)?(?<digits>\d{1,8}(?:[ -]\d{1,8}){0,7})(?![A-Za-z\d])/g;
/** Capitals with a digit, in one or two groups. */
const LETTERS =
  /(?<![A-Za-z\d-])(?=[A-Z-]{0,8}\d)(?=[\d-]{0,8}[A-Z])(?:[A-Z\d]{5,8}|[A-Z\d]{3,4}-[A-Z\d]{3,4})(?![A-Za-z\d-])/g;
const EXPIRED =
  /^[\])'"]? ?(?:은|는|이|가)? ?(?:[^\n.]{0,8})?(?:만료|폐기|무효|유효하지|사용 ?불가|취소)/;
const VALID =
  /유효 ?(?:시간|기간)?(?:은|는)? ?:? ?(?<minutes>\d{1,2}):(?<rest>\d{2})|유효 ?(?:시간|기간)?(?:은|는)? ?:? ?(?<amount>\d{1,4}) ?(?<unit>분|초|시간)|(?<!\d)(?<within>\d{1,4}) ?(?<of>분|초|시간) ?(?:이?내|안에|동안|간|유효|만 |후 ?만료|까지)|(?<!\d)(?<english>\d{1,4}) ?(?<words>min|sec|hour)/;
const SECONDS: Record<string, number> = { 분: 60, 초: 1, 시간: 3600, min: 60, sec: 1, hour: 3600 };

/** A message with a one-time code, or null. */
export function parseOtp(text: string): OtpSms | null {
  const bound = WEB_OTP.exec(text)?.groups;
  const labels = findLabels(text);
  const best = bestCandidate(text, labels);
  const code = bound?.code ?? best?.code;
  if (code === undefined) return null;
  const amount = findWon(text)?.amount;
  const cardId = /카드 ?(?:번호 ?)?[([]? ?(\d{4})(?!\d)/.exec(text)?.[1];
  const merchant = typeof amount === "number" ? shopOf(text) : undefined;
  return {
    kind: "otp",
    code,
    service: serviceOf(text, labels),
    validSeconds: validityOf(text),
    ...(best?.rawCode && best.code === code && { rawCode: best.rawCode }),
    ...(bound?.domain && { domain: bound.domain }),
    ...(typeof amount === "number" && { amount }),
    ...(cardId && { cardId }),
    ...(merchant && { merchant }),
  };
}

function bestCandidate(text: string, labels: Span[]): Candidate | null {
  if (labels.length === 0) return null;
  let best: { candidate: Candidate; cost: number } | null = null;
  for (const candidate of candidatesIn(text)) {
    if (EXPIRED.test(text.slice(candidate.end, candidate.end + 40))) continue;
    for (const label of labels) {
      const cost = costOf(text, candidate, label);
      if (cost < (best?.cost ?? Number.POSITIVE_INFINITY)) best = { candidate, cost };
    }
  }
  return best?.candidate ?? null;
}

/** Near is better than far, after the label better than before it, in brackets better than bare. */
function costOf(text: string, candidate: Candidate, label: Span): number {
  const isAfter = candidate.start >= label.end;
  const distance = isAfter ? candidate.start - label.end : label.start - candidate.end;
  if (distance < 0 || distance > MAX_CODE_DISTANCE) return Number.POSITIVE_INFINITY;
  const isBracketed = /[[<【「'"] ?$/.test(
    text.slice(Math.max(0, candidate.start - 2), candidate.start),
  );
  return distance + (isAfter ? 0 : MAX_CODE_DISTANCE / 2) - (isBracketed ? 20 : 0);
}

function candidatesIn(text: string): Candidate[] {
  const veiled = veil(text);
  const found: Candidate[] = [];
  for (const match of veiled.matchAll(DIGITS)) {
    const { prefix, digits = "" } = match.groups ?? {};
    const end = match.index + match[0].length;
    const start = end - digits.length;
    for (const one of codesOf(digits, start)) {
      found.push(
        prefix && one.start === start ? { ...one, rawCode: `${prefix}-${one.code}` } : one,
      );
    }
  }
  for (const match of veiled.matchAll(LETTERS)) {
    const end = match.index + match[0].length;
    found.push({ code: match[0].replace("-", ""), start: match.index, end });
  }
  return found;
}

/** A run of groups is one code when the groups are equally long (`123 456`, `9 0 2 1`); else each is by itself. */
function codesOf(digits: string, start: number): Candidate[] {
  const groups = digits.split(/[ -]/);
  const code = groups.join("");
  const isEven = groups.every((group) => group.length === groups[0]?.length);
  if (isEven && isCode(code)) return [{ code, start, end: start + digits.length }];
  let at = start;
  return groups.flatMap((group) => {
    const own = { code: group, start: at, end: at + group.length };
    at += group.length + 1;
    return isCode(group) ? [own] : [];
  });
}

function isCode(code: string): boolean {
  return code.length >= 4 && code.length <= 8;
}

function validityOf(text: string): number | null {
  const groups = VALID.exec(text)?.groups;
  if (!groups) return null;
  if (groups.minutes !== undefined) return Number(groups.minutes) * 60 + Number(groups.rest);
  const count = groups.amount ?? groups.within ?? groups.english;
  return Number(count) * (SECONDS[groups.unit ?? groups.of ?? groups.words ?? ""] ?? 1);
}

/** `결제금액 129,000원 / 쿠팡 / 인증번호 …`: the part that is only a name. */
function shopOf(text: string): string | undefined {
  const parts = text.split(/ \/ | \| |\n/).slice(1);
  return parts
    .map((part) => part.trim())
    .find((part) => /^[^\d:[\]]{1,30}$/.test(part) && !/번호|코드|입력|세요|니다/.test(part));
}
