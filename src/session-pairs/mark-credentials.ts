import { toHex } from "../crypto.ts";
import { deriveKey } from "../derive-key.ts";
import type { Credentials } from "../portals/schemas.ts";
import { keysOf } from "../sealing.ts";
import type { OpenedPortal } from "./parts.ts";

const MARK_BYTES = 16;

/**
 * Marks by which credentials are known again without being kept, one for each key of the ring, the current one first:
 * a password that the site refused is not typed again until it is another.
 */
export async function markCredentials(
  credentials: Credentials | null,
  masterKey: string,
): Promise<string[]> {
  if (!credentials) return [];
  const { username, password, extra = {} } = credentials;
  const extras = Object.entries(extra).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return mark([username, password, extras], masterKey);
}

/** Marks of the account at its site, whatever its password is; none while nobody knows either. */
export async function markAccount(
  { credentials, definition }: Pick<OpenedPortal, "credentials" | "definition">,
  masterKey: string,
): Promise<string[]> {
  if (!credentials || !definition) return [];
  return mark([credentials.username, new URL(definition.health.url).origin], masterKey);
}

function mark(what: unknown[], masterKey: string): Promise<string[]> {
  const text = new TextEncoder().encode(JSON.stringify(what));
  return Promise.all(
    keysOf(masterKey).map(async (one) => {
      const secret = await deriveKey(one, "credentials-mark");
      const hmac = { name: "HMAC", hash: "SHA-256" };
      const key = await crypto.subtle.importKey("raw", secret, hmac, false, ["sign"]);
      const sum = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
      return toHex(sum.subarray(0, MARK_BYTES));
    }),
  );
}
