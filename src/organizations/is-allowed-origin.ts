import { eq } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { organizations } from "../db/schema/control.ts";

/** True when pages of this origin may use the organization's channels from a browser. */
export async function isAllowedOrigin(
  db: ControlDb,
  organizationId: string,
  origin: string,
): Promise<boolean> {
  const row = await db
    .select({ allowedOrigins: organizations.allowedOrigins })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .get();
  return row?.allowedOrigins?.includes(origin) ?? false;
}
