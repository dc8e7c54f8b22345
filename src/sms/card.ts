import { findWhen } from "./date.ts";
import { findCardIssuer } from "./issuers.ts";
import { findForeign, findGrouped, findWon, signedWon, wonOf } from "./money.ts";
import { ANCHOR, Remaining } from "./remaining.ts";
import type { CardSms } from "./sms-fields.ts";
import { CARD_VERBS } from "./verbs.ts";

const SUM = "(?:사용|이용|결제|승인)?(?:금액|액)?";
const VALUE = " ?:? ?(?<sign>[-−△])? ?(?<number>[\\d,]{1,20})(?![\\d,/:]) ?원?";
const CUMULATIVE = new RegExp(`(?:당?월 ?)?(?:누적|누계) ?${SUM}${VALUE}`);
const BALANCE = new RegExp(`(?:통장|계좌|카드|출금후|거래후)? ?(?:잔액|잔고)${VALUE}`);
/** What could be spent is no balance; what is taken off later is not what was paid. */
const OTHER_SUMS = new RegExp(
  `(?:(?:잔여|이용|사용|결제)? ?(?:가능|한도) ?(?:금액|액|잔액|한도)?|(?:즉시|청구)?할인|캐시백|적립)(?: ?예정)?(?: ?금액)?${VALUE}P?`,
  "g",
);
const POINTS =
  /(?:포인트|마일리지) ?([\d,]{1,15}) ?[PM]?(?:점|원)? ?(?:사용|차감)|([\d,]{1,15}) ?(?:P|포인트) ?사용/;
const ESTIMATE =
  /\(? ?(?:(?<![가-힣])약|예상) ?(?:금액)? ?:? ?([\d,]{1,20}) ?원 ?\)?|\(? ?([\d,]{1,20}) ?원 ?예상 ?\)?/;
const DCC = /(?:해외)? ?원화 ?결제 ?(?:\( ?DCC ?\))?|\( ?DCC ?\)|(?<![A-Za-z])DCC(?![A-Za-z])/;
const REASON =
  /\(? ?(?:사유 ?:? ?)?((?:이용|사용|카드|월)?한도 ?초과|(?:통장)?잔액 ?부족|비밀번호 ?(?:오류|불일치|틀림)|유효기간 ?(?:오류|경과|만료|불일치)|(?:분실|도난|정지|해지|훼손)(?:신고)? ?카드|카드 ?(?:정지|분실|해지)|거래 ?(?:정지|제한)|(?:해외)?사용 ?(?:제한|정지)|본인 ?확인 ?(?:필요|실패)|연체|CVC ?오류) ?\)?/;
const INSTALMENT =
  /\(? ?(?:일시불|일시(?![가-힣])|(?:할부 ?)?(?<months>\d{1,2}) ?개월|할부 ?(?<bare>\d{1,2})(?!\d)) ?(?:무이자|할부)? ?(?:\( ?무이자 ?\))? ?\)?/;
const CARD_NUMBER =
  /[([] ?(?:끝 ?(?:번호|자리)? ?)?(?:[\d*]{4}-){0,3}(?<id>(?=[\d*]{0,3}\d)[\d*]{3,4}) ?[)\]]|(?:카드번호|끝 ?번호|끝 ?자리) ?:? ?(?<labelled>[\d*]{4})(?!\d)/;
/** Directly behind the issuer; not the start of a date, a time or an amount. */
const GLUED_NUMBER = /^\n? ?(?<id>(?=[\d*]{0,3}\d)[\d*]{4})(?![\d*,/:.]| ?원)/;
/** Initials masked by stars, or a whole name with `님`. */
const HOLDER =
  /(?<![가-힣A-Za-z0-9*])(?:(?<masked>[가-힣]{1,2}\*{1,3}(?:(?!님)[가-힣]){0,2})님?|(?!고객|회원)(?<whole>[가-힣]{2,4})님)(?![가-힣*])/;
const TYPE_WORD =
  /(?<![가-힣])(체크|법인|신용|기업)?카드(?![가-힣])|(?<![가-힣])(체크|법인)(?![가-힣])/;

/** A card's alert, or null. Whatever is recognised is taken out; the shop's name is what remains. */
export function parseCard(text: string, receivedAt: number): CardSms | null {
  const rest = new Remaining(text);
  rest.drop(OTHER_SUMS);
  const cumulative = rest.take(CUMULATIVE)?.groups;
  const balance = rest.take(BALANCE)?.groups;
  const points = rest.take(POINTS);
  const estimate = rest.take(ESTIMATE);
  const dcc = rest.take(DCC);
  const verb = CARD_VERBS.find(({ pattern }) => pattern.test(rest.text));
  if (!verb || (verb.isWeak && /[입출]금/.test(rest.text))) return null;
  const isOverseas = /해외 ?(?:승인|결제|사용|이용|취소|거절|매출|일시불|원화)/.test(text);
  const reason = verb.event === "declined" ? rest.take(REASON) : null;

  const when = findWhen(rest.text, receivedAt);
  if (when) rest.cut(when.index, when.length, ANCHOR);
  const issuer = takeIssuer(rest, verb.pattern);
  const act = rest.take(verb.pattern);
  if (issuer.cardId === null && act) issuer.cardId = takeNumberAt(rest, act.index);
  const paid = findForeign(rest.text) ?? findWon(rest.text) ?? findGrouped(rest.text);
  if (!paid || (issuer.name === null && issuer.cardId === null)) return null;
  const { amount, currency } = paid;
  const country = takeCountry(rest, paid, currency !== "KRW" || isOverseas);
  // Without a date, the name follows the amount.
  rest.cut(paid.index, paid.length, when ? "" : ANCHOR);
  const instalment = rest.take(INSTALMENT);
  const holder = rest.take(HOLDER)?.groups;
  const type = issuer.type ?? takeType(rest);
  rest.drop(
    /승인 ?번호 ?:? ?[\d-]{4,12}|무이자|부분(?= ?취소)|(?:문의|고객센터|상담) ?:? ?[\d-]{8,14}/g,
  );

  return {
    kind: "card",
    event: verb.event,
    issuer: issuer.name,
    cardId: issuer.cardId,
    cardType: type === "체크" ? "check" : type === "법인" ? "corporate" : null,
    holder: holder?.masked ?? holder?.whole ?? null,
    amount,
    currency,
    installmentMonths: monthsOf(instalment),
    occurredAt: when?.at ?? null,
    merchant: rest.name(),
    cumulative: signedWon(cumulative?.sign, cumulative?.number),
    balance: signedWon(balance?.sign, balance?.number),
    overseas: isOverseas || currency !== "KRW" || dcc !== null,
    code: null,
    ...(/부분 ?취소/.test(text) && { partial: true as const }),
    ...(points && { pointsUsed: wonOf(points[1] ?? points[2] ?? "") }),
    ...(estimate && { estimatedKrw: wonOf(estimate[1] ?? estimate[2] ?? "") }),
    ...(country && { country }),
    ...(dcc && { dcc: true as const }),
    ...(reason?.[1] && { reason: reason[1].replaceAll(" ", "") }),
  };
}

function takeIssuer(rest: Remaining, verb: RegExp) {
  const found = findCardIssuer(rest.text);
  let glued: RegExpExecArray | null = null;
  if (found) {
    const after = found.index + found.length;
    const tail = rest.text.slice(after);
    glued = GLUED_NUMBER.exec(tail);
    // `현대카드 M 승인`: a short word up to the verb is the product's name.
    const product = glued ? null : /^ [A-Za-z0-9가-힣+]{1,8} ?(?=\S)/.exec(tail);
    const isProduct = product && tail.slice(product[0].length).search(verb) === 0;
    rest.cut(found.index, found.length + (glued ?? (isProduct ? product : [""]))[0].length);
  }
  const numbered = glued ?? rest.take(CARD_NUMBER);
  const { id, labelled } = numbered?.groups ?? {};
  return { name: found?.name ?? null, type: found?.type, cardId: id ?? labelled ?? null };
}

/** `승인 1234 홍*동`: the number right behind the verb. */
function takeNumberAt(rest: Remaining, index: number): string | null {
  const match = GLUED_NUMBER.exec(rest.text.slice(index));
  if (match) rest.cut(index, match[0].length);
  return match?.groups?.id ?? null;
}

/** `USD 23.99 (미국)`: what stands in parentheses right behind the amount of a use abroad. */
function takeCountry(rest: Remaining, paid: { index: number; length: number }, abroad: boolean) {
  if (!abroad) return null;
  const end = paid.index + paid.length;
  const match = /^ ?\((?!일시|무이자|체크)([가-힣]{2,12})\)/.exec(rest.text.slice(end));
  if (match) rest.cut(end, match[0].length);
  return match?.[1] ?? null;
}

function takeType(rest: Remaining): string | undefined {
  const match = rest.take(TYPE_WORD);
  return match?.[1] ?? match?.[2];
}

function monthsOf(instalment: RegExpExecArray | null): number | null {
  if (!instalment) return null;
  const { months, bare } = instalment.groups ?? {};
  return Number(months ?? bare ?? 0);
}
