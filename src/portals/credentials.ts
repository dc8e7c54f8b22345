import { z } from "zod";
import type { Settings } from "../context.ts";
import { MASK } from "../destinations/index.ts";
import { log } from "../log.ts";
import { dialled, maskNumber } from "../phone-number.ts";
import { seal, unseal } from "../sealing.ts";
import { Credentials, type MaskedCredentials } from "./schemas.ts";

type Keys = Pick<Settings, "masterKey">;
/** What is sealed: credentials, and the origins that they were set for. */
const Sealed = Credentials.safeExtend({ origins: z.array(z.string()).default([]) });

/** A row's credentials. */
export type OpenedCredentials =
  /** `origins` null: those of whatever portal they are for. */
  | { kind: "set"; credentials: Credentials; origins: string[] | null }
  /** `unreadable`: sealed with a master key that is lost. */
  | { kind: "missing" | "unreadable" };

/** Seals credentials for their portal and its origins: they open for no other portal, and are typed at no other origin. */
export function sealCredentials(
  { masterKey }: Keys,
  id: string,
  credentials: Credentials,
  origins: string[],
): Promise<string> {
  return seal(masterKey, credentialsAad(id), JSON.stringify({ ...credentials, origins }));
}

export async function openCredentials(
  { masterKey }: Keys,
  row: { id: string; credentials: string | null },
): Promise<OpenedCredentials> {
  if (row.credentials === null) return { kind: "missing" };
  try {
    const json = await unseal(masterKey, credentialsAad(row.id), row.credentials);
    const parsed = Sealed.safeParse(JSON.parse(json));
    if (parsed.success) {
      const { origins, ...credentials } = parsed.data;
      return { kind: "set", credentials, origins };
    }
    // The schema's own message could quote them.
    log.error("credentials_not_read", { portalId: row.id });
  } catch (error) {
    log.error("credentials_not_opened", { portalId: row.id, error });
  }
  return { kind: "unreadable" };
}

/** True for credentials that were set for every one of the origins: whoever may change a portal cannot send them elsewhere. */
export function belongsTo(
  { origins }: Extract<OpenedCredentials, { kind: "set" }>,
  used: readonly string[],
): boolean {
  return origins === null || used.every((origin) => origins.includes(origin));
}

export function credentialsAad(id: string): string {
  return `portal:${id}`;
}

/** The phone as it is dialled; null without one. */
export function phoneOf({ phone }: Pick<Credentials, "phone">): string | null {
  return phone ? dialled(phone) : null;
}

/** Enough to tell accounts apart: the start of a longer user name, the end of the phone's number. */
export function maskCredentials(credentials: Credentials): MaskedCredentials {
  const { username, extra = {} } = credentials;
  const phone = phoneOf(credentials);
  return {
    username: (username.length > 4 ? username.slice(0, 2) : "") + MASK,
    password: MASK,
    phone: phone === null ? null : maskNumber(phone),
    extra: Object.fromEntries(Object.keys(extra).map((name) => [name, MASK])),
  };
}
