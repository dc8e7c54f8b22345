import { maskFields } from "./mask-copies.ts";
import { phoneMask } from "./phone-text.ts";

/** A raw query as lists show it: the codes of a message in it are masked. */
export function maskQuery(query: string, receivedAt: number): string {
  if (query === "") return query;
  const mask = phoneMask({ contentType: null, query, body: null, receivedAt });
  return mask ? maskFields(query, mask) : query;
}
