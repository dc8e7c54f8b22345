/** What a destination asks of its gate. */
export type GateConfig = {
  /** Most calls in any second; null: no limit. */
  perSecond: number | null;
  /** Most calls at a time; null: no limit. */
  concurrency: number | null;
  /** `json:<path>`, `header:<name>` or `sender`; null: no order. */
  orderKey: string | null;
  breaker: { failures: number; cooldownSeconds: number } | null;
};

export type GateFields = {
  rate?: { perSecond?: number; concurrency?: number } | null;
  ordered?: "none" | "key" | null;
  orderKey?: string | null;
  breaker?: { failures: number; cooldownSeconds: number } | null;
};

/** The gate of a destination, or null when it asks for none: then no object is ever called. */
export function gateConfigOf(row: GateFields): GateConfig | null {
  const config: GateConfig = {
    perSecond: row.rate?.perSecond ?? null,
    concurrency: row.rate?.concurrency ?? null,
    orderKey: row.ordered === "key" ? (row.orderKey ?? null) : null,
    breaker: row.breaker ?? null,
  };
  return Object.values(config).some((part) => part !== null) ? config : null;
}
