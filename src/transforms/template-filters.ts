import { filters } from "liquidjs";
import { SEOUL_OFFSET_MINUTES } from "./constants.ts";

type DateFilter = (this: unknown, value: unknown, format: string, zone: number) => unknown;

/** Filters for what Korean messages say: money and time. What is no number or no time comes out as it went in. */
export const KOREAN_FILTERS: Record<string, (this: unknown, ...args: unknown[]) => unknown> = {
  /** 12000 → `12,000`. */
  number: (value) => grouped(value) ?? value,
  /** 12000 → `12,000원`. */
  won: (value) => withUnit(grouped(value)) ?? value,
  /** 123456789 → `1억 2,345만 6,789원`. */
  man: (value) => withUnit(inMyriads(value)) ?? value,
  /** `2026-02-12T03:34:00Z` → `2026-02-12 12:34`; another format as in `date`. */
  kst(value, format = "%Y-%m-%d %H:%M") {
    return (filters.date as DateFilter).call(this, value, String(format), -SEOUL_OFFSET_MINUTES);
  },
};

/** Digits in groups of three, the fraction as it is; null for what is no plain decimal number. */
function grouped(value: unknown): string | null {
  const parts = /^(-?)(\d{1,40})(\.\d{1,40})?$/.exec(decimalText(value));
  if (!parts) return null;
  const [, sign = "", whole = "", fraction = ""] = parts;
  return sign + whole.replace(/\B(?=(?:\d{3})+$)/g, ",") + fraction;
}

/** A whole number in steps of 10,000, as Korean counts; null for any other. */
function inMyriads(value: unknown): string | null {
  const parts = /^(-?)(\d{1,20})$/.exec(decimalText(value));
  if (!parts) return null;
  const [, sign = "", whole = ""] = parts;
  const named: string[] = [];
  let rest = BigInt(whole);
  for (const unit of ["", "만", "억", "조", "경"]) {
    const part = rest % 10_000n;
    if (part > 0n) named.unshift(`${grouped(String(part))}${unit}`);
    rest /= 10_000n;
  }
  return sign + (named.join(" ") || "0");
}

function decimalText(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
}

function withUnit(amount: string | null): string | null {
  return amount === null ? null : `${amount}원`;
}
