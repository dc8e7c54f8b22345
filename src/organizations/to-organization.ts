import type { organizations } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import type { Organization } from "./schemas.ts";

/** An organization as the API shows it. */
export function toOrganization(row: typeof organizations.$inferSelect): Organization {
  const { id, name, allowedOrigins, createdAt } = row;
  return { id, name, allowedOrigins: allowedOrigins ?? [], createdAt: toRfc3339(createdAt) };
}
