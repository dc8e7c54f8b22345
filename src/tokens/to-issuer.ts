import type { tokenIssuers } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import type { TokenIssuer } from "./schemas.ts";

/** An issuer as the API shows it. */
export function toIssuer(row: typeof tokenIssuers.$inferSelect): TokenIssuer {
  const { id, name, issuer, jwksUrl, createdAt } = row;
  return { id, name, issuer, jwksUrl, createdAt: toRfc3339(createdAt) };
}
