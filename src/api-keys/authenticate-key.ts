import { eq } from "drizzle-orm";
import { sha256Hex } from "../crypto.ts";
import type { ControlDb } from "../db/client.ts";
import { apiKeys, organizations } from "../db/schema/control.ts";
import { BatonError } from "../errors.ts";
import { Scope } from "./schemas.ts";

/** Finds whose key it is. Only its SHA-256 is compared, by an index: nothing about the key leaks through time. */
export async function authenticateKey(db: ControlDb, key: string) {
  const row = await db
    .select({
      organizationId: apiKeys.organizationId,
      isOperator: organizations.isOperator,
      scopes: apiKeys.scopes,
    })
    .from(apiKeys)
    .innerJoin(organizations, eq(organizations.id, apiKeys.organizationId))
    .where(eq(apiKeys.hash, await sha256Hex(key)))
    .get();
  if (!row) {
    throw new BatonError(
      "unauthorized",
      "This API key is unknown or was deleted. Create one and send it.",
    );
  }
  return { ...row, scopes: Scope.array().parse(row.scopes) };
}
