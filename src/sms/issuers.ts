/** One house under its names. `card` and `bank` are what the fields `issuer` and `bank` say. */
type Issuer = { card: string | null; bank: string | null; aliases: string[] };

/** Aliases stand without `카드` and `은행`, which may follow any of them. */
const ISSUERS: Issuer[] = [
  { card: "신한카드", bank: "신한은행", aliases: ["신한"] },
  { card: "KB국민카드", bank: "KB국민은행", aliases: ["KB국민", "KB 국민", "국민", "KB"] },
  { card: "삼성카드", bank: null, aliases: ["삼성"] },
  { card: "현대카드", bank: null, aliases: ["현대"] },
  { card: "롯데카드", bank: null, aliases: ["롯데"] },
  { card: "우리카드", bank: "우리은행", aliases: ["우리"] },
  { card: "하나카드", bank: "하나은행", aliases: ["KEB하나", "하나", "외환"] },
  { card: "NH농협카드", bank: "NH농협은행", aliases: ["NH농협", "NH 농협", "농협", "NH"] },
  { card: "BC카드", bank: null, aliases: ["BC", "비씨"] },
  { card: "IBK기업카드", bank: "IBK기업은행", aliases: ["IBK기업", "IBK 기업", "기업", "IBK"] },
  { card: "카카오뱅크", bank: "카카오뱅크", aliases: ["카카오뱅크", "카뱅"] },
  { card: "토스뱅크", bank: "토스뱅크", aliases: ["토스뱅크"] },
  { card: "케이뱅크", bank: "케이뱅크", aliases: ["케이뱅크", "K뱅크", "Kbank"] },
  { card: "SC제일은행", bank: "SC제일은행", aliases: ["SC제일", "제일", "SC"] },
  { card: "씨티카드", bank: "한국씨티은행", aliases: ["한국씨티", "씨티"] },
  { card: "수협카드", bank: "Sh수협은행", aliases: ["Sh수협", "수협"] },
  { card: "광주카드", bank: "광주은행", aliases: ["광주"] },
  { card: "전북카드", bank: "전북은행", aliases: ["전북"] },
  { card: "제주카드", bank: "제주은행", aliases: ["제주"] },
  { card: "BNK부산카드", bank: "BNK부산은행", aliases: ["BNK부산", "부산"] },
  { card: "BNK경남카드", bank: "BNK경남은행", aliases: ["BNK경남", "경남"] },
  { card: "iM뱅크", bank: "iM뱅크", aliases: ["iM뱅크", "DGB대구", "대구"] },
  {
    card: "MG새마을금고",
    bank: "MG새마을금고",
    aliases: ["MG새마을금고", "새마을금고", "새마을", "MG"],
  },
  { card: "신협", bank: "신협", aliases: ["신협"] },
  { card: "우체국", bank: "우체국", aliases: ["우체국"] },
  { card: null, bank: "KDB산업은행", aliases: ["KDB산업", "산업", "KDB"] },
];

const BY_ALIAS = new Map(
  ISSUERS.flatMap((issuer) => issuer.aliases.map((alias) => [alias, issuer] as const)),
);
/** Longest first, so that `KB국민` is not read as `KB`. */
const NAMES = [...BY_ALIAS.keys()].toSorted((a, b) => b.length - a.length).join("|");
const START = "(?<![가-힣A-Za-z])";
const END = "(?![가-힣A-Za-z])";
const TYPE = "(?:체크|법인|신용|기업)";

/** Surest first: in brackets, with `카드`, or glued to a number or a verb; standing alone; a house we do not know. */
const CARD_FORMS = [
  `(?:\\[ ?(?<alias>${NAMES})(?:은행)? ?(?<type>${TYPE})?(?:카드)? ?\\])` +
    `|(?:${START}(?<alias2>${NAMES})(?:은행)? ?(?:(?:비씨|BC) ?)?(?:(?<type2>${TYPE})(?:카드)?|카드))` +
    `|(?:${START}(?<alias3>${NAMES})(?: ?(?:비씨|BC))?(?= ?[([]?[\\d*]{4}[)\\]]?(?![\\d,/:])| ?(?:해외)?승인| ?취소))`,
  `${START}(?<alias>${NAMES})${END}`,
  `${START}(?!체크|법인|신용|기프트|교통|선불|포인트|멤버십|해외|본인|고객)(?<other>[가-힣A-Za-z]{1,10}카드)(?![가-힣A-Za-z]{3})`,
].map((source) => new RegExp(source));

const BANK_FORMS = [
  `\\[ ?(?<alias>${NAMES})(?:은행)? ?\\]`,
  `${START}(?<alias>${NAMES})(?:은행)?${END}`,
  `\\[ ?(?<other>[가-힣A-Za-z]{1,10}(?:은행|뱅크|금고|증권)) ?\\]`,
  `${START}(?<other>[가-힣A-Za-z]{1,10}(?:은행|뱅크|금고))${END}`,
].map((source) => new RegExp(source));

export type FoundIssuer = {
  name: string;
  /** `체크`, `법인` when it stands in the issuer's name. */
  type: string | undefined;
  index: number;
  length: number;
};

export function findCardIssuer(text: string): FoundIssuer | null {
  return find(text, CARD_FORMS, "card");
}

export function findBank(text: string): FoundIssuer | null {
  return find(text, BANK_FORMS, "bank");
}

function find(text: string, forms: RegExp[], role: "card" | "bank"): FoundIssuer | null {
  for (const form of forms) {
    const match = form.exec(text);
    if (!match) continue;
    const groups = match.groups ?? {};
    const alias = groups.alias ?? groups.alias2 ?? groups.alias3 ?? "";
    const type = groups.type ?? groups.type2;
    const name = groups.other ?? BY_ALIAS.get(alias)?.[role];
    if (name) return { name, type, index: match.index, length: match[0].length };
  }
  return null;
}
