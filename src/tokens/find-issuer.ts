import { and, eq } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { tokenIssuers } from "../db/schema/control.ts";

/** Where an issuer's keys are. */
export type IssuerKeys = { id: string; jwksUrl: string };

/** The issuer that an organization has registered under this `iss` claim. */
export function findIssuer(
  db: ControlDb,
  organizationId: string,
  issuer: string,
): Promise<IssuerKeys | undefined> {
  return db
    .select({ id: tokenIssuers.id, jwksUrl: tokenIssuers.jwksUrl })
    .from(tokenIssuers)
    .where(and(eq(tokenIssuers.organizationId, organizationId), eq(tokenIssuers.issuer, issuer)))
    .get();
}
