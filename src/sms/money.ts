export type Money = {
  /** A whole number of won; a decimal text in every other currency. Never negative. */
  amount: number | string;
  currency: string;
  index: number;
  length: number;
};

const CURRENCIES =
  "USD|JPY|EUR|GBP|CNY|HKD|TWD|SGD|THB|VND|AUD|CAD|NZD|CHF|PHP|MYR|IDR|INR|SEK|NOK|DKK|MXN|BRL|TRY|AED|RUB|PLN|CZK|HUF|MOP|MNT|KZT";
const SYMBOLS: Record<string, string> = {
  US$: "USD",
  HK$: "HKD",
  NT$: "TWD",
  S$: "SGD",
  A$: "AUD",
  C$: "CAD",
  $: "USD",
  "€": "EUR",
  "£": "GBP",
  "¥": "JPY",
};
const NUMBER = "(?<number>\\d{1,3}(?:,\\d{3})+(?:\\.\\d{1,3})?|\\d{1,15}(?:\\.\\d{1,3})?)";
const FOREIGN = [
  new RegExp(`(?<![A-Za-z])(?<code>${CURRENCIES}) ?:? ?-? ?${NUMBER}`),
  new RegExp(`-?(?<![\\d,.])${NUMBER} ?(?<code>${CURRENCIES})(?![A-Za-z])`),
  new RegExp(`-?(?<symbol>(?:US|HK|NT|S|A|C)?\\$|[€£¥]) ?-? ?${NUMBER}`),
];
const WON = [
  /[-−]? ?(?:KRW|₩) ?[-−]? ?(?<number>\d{1,3}(?:,\d{3})+|\d{1,15})(?: ?원)?/,
  // `12만 5천원`, `12만 5,000원`, `3만원`.
  /(?<![\d,.])(?<man>\d{1,4})만(?: ?(?<rest>\d,\d{3}|\d{1,4})(?<thousand>천)?)? ?원/,
  // A shop's name may begin so: `25원두`, `1원룸`.
  /[-−]? ?(?<![\d,.*])(?<number>\d{1,3}(?:,\d{3})+|\d{1,15}) ?원(?!두|룸|스|피스|조|더|플러|데이|샷)/,
];

/** The first amount in another currency than won. */
export function findForeign(text: string): Money | null {
  for (const pattern of FOREIGN) {
    const match = pattern.exec(text);
    if (!match) continue;
    const { code, symbol = "", number = "" } = match.groups ?? {};
    const currency = code ?? SYMBOLS[symbol] ?? "USD";
    return { amount: number.replaceAll(",", ""), currency, ...place(match) };
  }
  return null;
}

/** The first amount in won that says so. */
export function findWon(text: string): Money | null {
  const found = WON.map((pattern) => pattern.exec(text)).filter((match) => match !== null);
  const [match] = found.toSorted((a, b) => a.index - b.index);
  if (!match) return null;
  const { number, man, rest = "0", thousand } = match.groups ?? {};
  const amount =
    man === undefined
      ? wonOf(number ?? "")
      : Number(man) * 10_000 + wonOf(rest) * (thousand ? 1000 : 1);
  return { amount, currency: "KRW", ...place(match) };
}

/** The first number grouped by commas: an alert without `원`. */
export function findGrouped(text: string): Money | null {
  const match = /(?<![\d,.*-])\d{1,3}(?:,\d{3})+(?![\d,*])/.exec(text);
  return match && { amount: wonOf(match[0]), currency: "KRW", ...place(match) };
}

export function wonOf(number: string): number {
  return Number(number.replaceAll(",", ""));
}

/** The number of a labelled amount such as `잔액 -1,000원`; the sign stays. */
export function signedWon(sign: string | undefined, number: string | undefined): number | null {
  if (!number || !/\d/.test(number)) return null;
  const won = wonOf(number);
  return sign && won !== 0 ? -won : won;
}

function place(match: RegExpExecArray) {
  return { index: match.index, length: match[0].length };
}
