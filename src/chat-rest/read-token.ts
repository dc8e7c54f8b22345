/** The token of a call: raw, as the first clients send it, or as `Bearer`; null: there is none. */
export function readToken(text: string | undefined): string | null {
  return (text ?? "").trim().replace(/^Bearer(?:\s+|$)/i, "") || null;
}
