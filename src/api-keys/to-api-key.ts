import type { apiKeys } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import { type ApiKey, Scope } from "./schemas.ts";

/** A key as the API shows it: without the key itself. */
export function toApiKey(
  row: Omit<typeof apiKeys.$inferSelect, "hash" | "organizationId">,
): ApiKey {
  const { id, name, hint, scopes, createdAt } = row;
  return { id, name, hint, scopes: Scope.array().parse(scopes), createdAt: toRfc3339(createdAt) };
}
