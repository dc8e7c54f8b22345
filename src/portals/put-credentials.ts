import { eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";
import { MASK, MASK_REMEDY } from "../destinations/index.ts";
import { BatonError, type FieldError, notFound } from "../errors.ts";
import { isNumber } from "../phone-number.ts";
import { maskCredentials, phoneOf, sealCredentials } from "./credentials.ts";
import { findDefinition } from "./find-definition.ts";
import { getPortalInOrganization } from "./find-portal.ts";
import { textsOf } from "./map-texts.ts";
import { missingCredentials } from "./needed-credentials.ts";
import { originsOf } from "./resolve-definition.ts";
import type { Credentials, MaskedCredentials } from "./schemas.ts";
import { tellPairs } from "./tell-pairs.ts";

/** Sets the account that a portal logs in with, for the origins that it now has. The answer has it masked; nothing ever answers it whole. */
export async function putCredentials(
  ctx: Context,
  id: string,
  credentials: Credentials,
): Promise<MaskedCredentials> {
  const row = await getPortalInOrganization(ctx, id);
  const found = await findDefinition(ctx.db, ctx.organizationId, row.definition);
  const errors = [
    ...maskProblems(credentials),
    ...phoneProblems(credentials),
    ...(found?.definition ? missingCredentials(found.definition, credentials) : []),
  ];
  if (errors.length > 0) {
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw new BatonError("refused", detail, { errors });
  }
  const origins = found?.definition ? originsOf(found.definition, row.baseUrl) : [];
  await writeCredentials(ctx, id, {
    credentials: await sealCredentials(ctx.settings, id, credentials, origins),
    phone: phoneOf(credentials),
  });
  return maskCredentials(credentials);
}

/** The portal has no account any more. */
export async function deleteCredentials(ctx: Context, id: string): Promise<void> {
  await getPortalInOrganization(ctx, id);
  await writeCredentials(ctx, id, { credentials: null, phone: null });
}

async function writeCredentials(
  ctx: Context,
  id: string,
  changes: { credentials: string | null; phone: string | null },
): Promise<void> {
  const changed = await ctx.db
    .update(portals)
    .set({ ...changes, updatedAt: sql`max(${Date.now()}, ${portals.updatedAt} + 1)` })
    .where(eq(portals.id, id))
    .returning({ id: portals.id });
  if (changed.length === 0) throw notFound("portal", id);
  await tellPairs(ctx, [{ id }], (pair) => pair.configured());
}

/** Credentials are put whole: a mask stands for nothing. */
function maskProblems(credentials: Credentials): FieldError[] {
  return [...textsOf(credentials)]
    .filter(({ text }) => text.includes(MASK))
    .map(({ path }) => ({ path: path.join("."), message: MASK_REMEDY }));
}

function phoneProblems(credentials: Credentials): FieldError[] {
  const phone = phoneOf(credentials);
  if (phone === null || isNumber(phone)) return [];
  return [{ path: "phone", message: "is no phone number; write e.g. 010-1234-5678" }];
}
