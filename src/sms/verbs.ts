export type CardVerb = {
  event: "approved" | "cancelled" | "declined";
  pattern: RegExp;
  /** A bank says it too, of what was paid from an account: there `출금` decides. */
  isWeak?: true;
};

const WHERE = "(?:해외|국내)? ?";
const DONE = "(?:완료|되었습니다|됐습니다|하셨습니다|하였습니다|됨)?";
/** Words that make of an act what is asked, planned or explained. */
const NOT_DONE =
  "(?! ?(?:문의|시 |하려|하시|하실|하세|해 ?주|가능|요청|수수료|불가|마감|방법|규정|대기|한도|필요|심사|예정|부탁|바랍|안내|번호))";

/** In the order in which they are tried: `승인취소` and `승인거절` begin like an approval. */
export const CARD_VERBS: CardVerb[] = [
  {
    event: "cancelled",
    pattern: new RegExp(
      `${WHERE}(?:승인|부분|매입|매출|결제|사용|이용|전체|거래)? ?(?<!(?:입금|출금|이체|송금) ?)취소(?:승인|접수|처리)?${DONE}${NOT_DONE}`,
    ),
  },
  {
    event: "declined",
    pattern: new RegExp(
      `${WHERE}(?:(?:승인|결제|이용|거래|사용) ?(?:거절|거부|불가|실패)|승인 ?안 ?됨|거절|미승인)${DONE}(?! ?(?:시 |하|문의))`,
    ),
  },
  { event: "declined", pattern: /(?=(?:이용|사용)?한도 ?초과|잔액 ?부족)/ },
  { event: "approved", pattern: new RegExp(`${WHERE}승인${DONE}${NOT_DONE}`) },
  {
    event: "approved",
    isWeak: true,
    pattern: new RegExp(
      `${WHERE}(?:결제|사용|이용)(?:(?:완료|되었|됐|하셨|하였|했)[가-힣]{0,4}|(?![가-힣]))${NOT_DONE}`,
    ),
  },
];

const BANK_PREFIX =
  "(?:전자금융|인터넷|스마트폰?|모바일|폰뱅킹|타행|당행|자동|체크카드|카드|현금|ATM|CD|급여|이자|대체|오픈뱅킹|오픈|펌뱅킹|FB|CMS|창구|공동망|지로|뱅킹|즉시|이체|송금){0,3} ?";
const BANK_NOT_DONE =
  "(?! ?(?:하|해|계좌|바랍|부탁|요청|확인|대기|기한|예정|안내|가능|자명|한도|전용|은행|금액을|실패|불가|됩니다))";

export const BANK_VERB = new RegExp(
  `${BANK_PREFIX}(?<verb>입금|출금|이체|송금|인출)(?<undone> ?취소)?(?:이체|${DONE})${BANK_NOT_DONE}`,
);

/** The direction of a bank's verb; one that is undone goes the other way. */
export function directionOf(match: RegExpExecArray): "deposit" | "withdrawal" {
  const isDeposit = match.groups?.verb === "입금";
  return isDeposit === (match.groups?.undone === undefined) ? "deposit" : "withdrawal";
}
