/** The value below which a part `q` of the values lies (nearest rank); null: there are none. */
export function quantile(values: number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
