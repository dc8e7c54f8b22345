/** A place in a text. */
export type Span = { start: number; end: number };

/** Words that name a one-time code. `코드` and `code` alone count too, when nothing makes another code of them. */
const LABELS = [
  /인증 ?(?:번호|코드|키|문자|암호)|본인 ?(?:인증|확인) ?(?:번호|코드)|(?:확인|보안|로그인|접속|일회용|등록) ?(?:번호|코드)|일회용 ?(?:비밀번호|암호)|승인 ?번호/g,
  /(?<!쿠폰|할인|추천인?|우편|상품|예약|은행|초대|선물|이벤트|프로모션|오류|에러|국가|지역|주문|참여|입장|교환) ?(?<![가-힣])코드(?!네이터|스|트|명|를 ?스캔)/g,
  /(?<![A-Za-z])(?:OTP|passcode|one[- ]time (?:password|pin)|(?:verification|security) (?:number|pin))(?![A-Za-z])/gi,
  /(?<!(?:promo|coupon|discount|zip|postal|country|area|error|qr|bar|referral|invite|invitation|gift|voucher|tracking|booking|source|dress|status)[ -]?)(?<![A-Za-z])code(?![A-Za-z])/gi,
];

/** The labels of a one-time code in a text, from left to right. */
export function findLabels(text: string): Span[] {
  return LABELS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
    })),
  ).toSorted((a, b) => a.start - b.start);
}

/** Takes the place of a digit that belongs to something else; no letter, no digit, no space. */
const VEIL = "\u0002";

/** Numbers that are no codes: each is covered, so that what is left are candidates. */
const NO_CODES = [
  /https?:\/\/[^\s]{1,500}|(?<![\w.])[\w.-]{1,60}\.(?:kr|com|net|io|me|ly|gl|co)\/[^\s]{0,500}/g,
  /(?:요청|거래|주문|접수|예약|운송장|송장|계좌|쿠폰|고객|회원|카드|사업자|등기|문서|티켓|대기|비밀|관리|상담|차량|일련|전표|가맹점|이벤트|추천인?|보관함) ?(?:번호|코드)?(?:는|은)? ?[:#]? ?[[(]? ?[A-Z]{0,4}\d[A-Z\d*-]{2,24}/g,
  /(?:coupon|order|tracking|invoice|ticket|promo|ref(?:erence)?|account)(?: (?:no|number|code|id))?\.? ?[:#]? ?[A-Z]{0,4}\d[A-Z\d*-]{2,24}/gi,
  // Phones: with a trunk or country prefix, and the 8 digits of a hotline.
  /(?<![\d-])(?:\+?82[- ]?)?0?1[016789][-. ]?\d{3,4}[-. ]?\d{4}(?![\d-])/g,
  /(?<![\d-])\(?0(?:2|[3-6]\d|70|80|50\d)\)?[-. ]?\d{3,4}[-. ]?\d{4}(?![\d-])/g,
  /(?<![\d-])1[568]\d\d-\d{4}(?![\d-])/g,
  /(?:문의|전화|고객센터|상담|☎|TEL|Tel|tel) ?[:.]? ?1[568]\d{6}(?!\d)/g,
  /\+\d{1,3}[- ]?\d{4,12}(?!\d)/g,
  // Accounts and masks.
  /(?<![\d*-])(?=[\d-]{0,24}\*)[\d*][\d*-]{2,24}/g,
  /(?<![\d-])\d{2,6}-\d{2,6}-\d{2,8}(?:-\d{1,3})?(?![\d-])/g,
  // Dates, times and durations.
  /(?<!\d)\d{4}[-./년] ?\d{1,2}[-./월] ?\d{1,2}일?/g,
  /(?<!\d)\d{1,2}(?:\/|월 ?)\d{1,2}일?(?!\d)/g,
  /(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)/g,
  // Amounts.
  /(?<![\d,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![A-Za-z])(?:USD|KRW|JPY|EUR|GBP|CNY) ?\d{1,12}(?:\.\d{1,2})?|[$€£¥₩] ?\d{1,12}(?:\.\d{1,2})?/g,
  /(?<!\d)\d{1,12} ?(?:원|만 ?원|천 ?원|P(?![A-Za-z])|%|자리|개월|일간|회|명|건|시간|분|초|년|월|(?:minutes?|mins?|seconds?|secs?|hours?|days?|digits?)(?![A-Za-z]))/g,
];

/** The text with everything covered that cannot be a code. Its length stays. */
export function veil(text: string): string {
  return NO_CODES.reduce(
    (veiled, pattern) => veiled.replace(pattern, (found) => found.replace(/[A-Za-z\d]/g, VEIL)),
    text,
  );
}
