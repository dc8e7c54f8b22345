type Amount = number | string;

/** The exact sum of whole numbers and decimal texts; a number of won, else a text with as many decimals as any had. */
export function sumAmounts(amounts: readonly Amount[], currency: string): Amount {
  const decimals = Math.max(0, ...amounts.map(decimalsOf));
  const total = amounts.reduce((sum, amount) => sum + scaled(amount, decimals), 0n);
  return currency === "KRW" ? Number(total) / 10 ** decimals : written(total, decimals);
}

/** `a - b`, each as `sumAmounts` gives it. */
export function subtract(a: Amount, b: Amount, currency: string): Amount {
  const negative = typeof b === "number" ? -b : b.startsWith("-") ? b.slice(1) : `-${b}`;
  return sumAmounts([a, negative], currency);
}

function decimalsOf(amount: Amount): number {
  const text = String(amount);
  const point = text.indexOf(".");
  return point < 0 ? 0 : text.length - point - 1;
}

function scaled(amount: Amount, decimals: number): bigint {
  const text = String(amount);
  return BigInt(text.replace(".", "") + "0".repeat(decimals - decimalsOf(amount)));
}

function written(total: bigint, decimals: number): string {
  const digits = String(total < 0n ? -total : total).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
  return total < 0n ? `-${text}` : text;
}
