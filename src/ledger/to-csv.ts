import type { LedgerEntry } from "./schemas.ts";
import { seoulClock } from "./seoul.ts";

type Cell = string | number | null;

/** Column by column what stands in it; times are on Seoul's clock. */
const COLUMNS = {
  occurredAt: ({ occurredAt }) => occurredAt && clock(occurredAt),
  receivedAt: ({ receivedAt }) => clock(receivedAt),
  issuer: ({ card }) => card.issuer,
  card: ({ card }) => card.id,
  holder: ({ holder }) => holder,
  merchant: ({ merchant }) => merchant,
  amount: ({ amount }) => amount,
  currency: ({ currency }) => currency,
  event: ({ event }) => event,
  installmentMonths: ({ installmentMonths }) => installmentMonths,
  balance: ({ balance }) => balance,
  cumulative: ({ cumulative }) => cumulative,
  eventId: ({ eventId }) => eventId,
  possibleDuplicateOf: ({ possibleDuplicateOf }) => possibleDuplicateOf,
} satisfies Record<string, (entry: LedgerEntry) => Cell>;

/** Entries as CSV (RFC 4180). The byte order mark makes Excel read Korean as UTF-8. */
export function toCsv(entries: readonly LedgerEntry[]): string {
  const rows = entries.map((entry) => Object.values(COLUMNS).map((cell) => written(cell(entry))));
  return `\uFEFF${[Object.keys(COLUMNS), ...rows].map((row) => `${row.join(",")}\r\n`).join("")}`;
}

function clock(time: string): string {
  return seoulClock(Date.parse(time)).replace("T", " ");
}

function written(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = harmless(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A merchant's name may be a formula, which a spreadsheet would run. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
