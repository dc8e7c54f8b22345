import { findWhen } from "./date.ts";
import { findBank } from "./issuers.ts";
import { findGrouped, findWon, type Money, signedWon, wonOf } from "./money.ts";
import { ANCHOR, Remaining } from "./remaining.ts";
import type { BankSms } from "./sms-fields.ts";
import { BANK_VERB, directionOf } from "./verbs.ts";

const BALANCE =
  /(?:통장|계좌|거래후|출금후|이체후)? ?(?:잔액|잔고) ?:? ?(?<sign>[-−△])? ?[₩]?(?<number>[\d,]{1,20}) ?원?/;
const FEE = /수수료 ?:? ?[\d,]{1,15} ?원?/;
const LIMIT = /(?:출금|이체|인출) ?(?:가능|한도) ?(?:금액|액|잔액)? ?:? ?[\d,]{1,20} ?원?/;
/** Masked, grouped by hyphens, or all digits. */
const ACCOUNT =
  /(?:계좌(?:번호)? ?:? ?)?(?<![\d*,-])(?<id>(?=[\d-]*\*)(?=[*-]*\d)[\d*-]{5,25}|\d{2,6}-\d{2,6}-\d{2,8}(?:-\d{1,3})?|\d{10,14})(?![\d*,-])/;
/** `내 통장(1234)`, `홍*동(1234)`: the account's owner or name goes with its number. */
const NAMED_ACCOUNT =
  /(?:(?<=^|[\n|→>])[^\n|→>()\d]{0,20}|(?<![가-힣*])[가-힣*]{0,8})\((?<id>[\d*]{3,6})\)/;

/** A bank's alert, or null: an account, a bank or a balance must show that a bank speaks. */
export function parseBank(text: string, receivedAt: number): BankSms | null {
  const rest = new Remaining(text);
  rest.take(FEE);
  rest.take(LIMIT);
  const balance = rest.take(BALANCE)?.groups;
  const when = findWhen(rest.text, receivedAt);
  if (when) rest.cut(when.index, when.length);
  const account = rest.take(ACCOUNT);
  const bank = findBank(rest.text);
  if (bank) rest.cut(bank.index, bank.length);
  const named = account ?? rest.take(NAMED_ACCOUNT);
  const accountId = named?.groups?.id ?? null;
  const verb = BANK_VERB.exec(rest.text);
  if (!verb || (!bank && !accountId && !balance)) return null;
  rest.cut(verb.index, verb[0].length);
  const paid = amountOf(rest.text, verb.index);
  if (!paid || typeof paid.amount !== "number") return null;
  rest.cut(paid.index, paid.length, ANCHOR);
  const counterparty = rest.name()?.replace(/(?<=[가-힣])님$/, "") ?? null;
  // Banks prove an account by a deposit of 1 won whose payer's name has a code.
  const verification = paid.amount === 1 ? /\d{3,6}/.exec(counterparty ?? "")?.[0] : undefined;
  return {
    kind: "bank",
    event: directionOf(verb),
    bank: bank?.name ?? null,
    accountId,
    amount: paid.amount,
    currency: "KRW",
    occurredAt: when?.at ?? null,
    counterparty,
    balance: signedWon(balance?.sign, balance?.number),
    code: null,
    ...(verification && { accountVerifyCode: verification }),
  };
}

/** With `원`, else right behind the verb, else the first that is grouped by commas. */
function amountOf(text: string, verbIndex: number): Money | null {
  const won = findWon(text);
  if (won) return won;
  const behind = /^[\n ]{0,3}:? ?[-−]?₩?(\d[\d,]{0,19})(?![\d*-])/.exec(text.slice(verbIndex));
  if (!behind) return findGrouped(text);
  const [all, number = ""] = behind;
  return { amount: wonOf(number), currency: "KRW", index: verbIndex, length: all.length };
}
