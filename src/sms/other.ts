import { findWon } from "./money.ts";
import type { OtherKind, OtherSms } from "./sms-fields.ts";

const AD = /^[([] ?광고 ?[)\]]|\(광고\)|무료 ?수신 ?거부|무료 ?거부/;
/** Acts on a card or an account, or a parcel, that a stranger asks to be called back for. */
const LURE =
  /(?:해외|국외)? ?(?:승인|결제|사용|출금|이체)(?:완료|되었|됐|됨|내역)?|주소 ?(?:불일치|불명|오류|불분명|확인)|(?:과태료|범칙금|환급금|건강검진|부고|청첩장|모바일 ?초대)/;
const STRANGER =
  /(?:본인 ?(?:이|결제)? ?(?:아니|아닐|아닌)|문의|신고|취소 ?요청|연락|확인|상담|[☎])[^\n]{0,20}(?:070|050\d?|010)[- )]?\d{3,4}[- ]?\d{4}|https?:\/\/|(?:bit\.ly|t\.ly|han\.gl|me2\.do|url\.kr|vo\.la|tinyurl\.com|buly\.kr)\//;

/** Tried in this order; the first that fits names the message. */
const KINDS: [OtherKind, RegExp][] = [
  [
    "emergency",
    /행정안전부|안전 ?안내 ?문자|재난 ?(?:문자|안전|상황|대책|방송)|긴급 ?재난|지진|호우|태풍|폭염|한파|대설|산불|민방위|실종|(?:강풍|미세먼지)[^\n]{0,6}(?:주의보|경보)/,
  ],
  ["locker", /(?:보관함|무인 ?택배|택배함|락커|사물함)/],
  [
    "statement",
    /결제일|결제 ?예정|결제 ?대금|결제금액|이용 ?대금|카드 ?대금|청구|명세서|한도 ?조회|출금 ?예정|납부/,
  ],
  ["delivery", /운송장|송장|택배|배송|배달 ?(?:완료|예정|출발)|집하/],
  ["appointment", /예약|진료|방문 ?일정|내원/],
  [
    "points",
    /(?:포인트|마일리지|\d ?P)[^\n]{0,12}(?:적립|소멸|가용|전환|지급)|(?:적립|소멸)[^\n]{0,12}(?:포인트|P)/,
  ],
  ["notice", /안내|공지|알림|실패|변경|점검|만료|해지|등록/],
];

/** What is neither a card's, a bank's nor a code's message. It is never dropped: at the least it is `other`. */
export function parseOther(text: string): OtherSms {
  const subkind = subkindOf(text);
  const amount = subkind === "statement" ? findWon(text)?.amount : undefined;
  const trackingNo =
    subkind === "delivery" ? /송장(?:번호)? ?:? ?(\d[\d-]{8,18}\d)/.exec(text)?.[1] : undefined;
  const lockerCode =
    subkind === "locker"
      ? /(?:비밀번호|비번|인증번호) ?:? ?[[(]? ?(\d{4,8})(?!\d)/.exec(text)?.[1]
      : undefined;
  return {
    kind: "other",
    subkind,
    code: null,
    ...(typeof amount === "number" && { amount }),
    ...(trackingNo && { trackingNo: trackingNo.replaceAll("-", "") }),
    ...(lockerCode && { lockerCode }),
  };
}

export function isAd(text: string): boolean {
  return AD.test(text);
}

/** An act of nobody's card, with a stranger's number or link to answer to: it must not be booked. */
export function isLure(text: string): boolean {
  return LURE.test(text) && STRANGER.test(text);
}

function subkindOf(text: string): OtherKind | null {
  if (isAd(text)) return "ad";
  if (isLure(text)) return "suspected_smishing";
  return KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
