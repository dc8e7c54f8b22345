import type { chatIssuers } from "../db/schema/chat.ts";
import { toRfc3339 } from "../time.ts";
import type { ChatIssuer } from "./schemas.ts";

/** An issuer as the API shows it. */
export function toIssuer(row: typeof chatIssuers.$inferSelect): ChatIssuer {
  const { id, name, issuer, audience, jwksUrl, userClaim, createdAt } = row;
  return { id, name, issuer, audience, jwksUrl, userClaim, createdAt: toRfc3339(createdAt) };
}
