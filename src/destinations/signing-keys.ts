import { eq } from "drizzle-orm";
import type { Deps, Settings } from "../context.ts";
import { toBase64 } from "../crypto.ts";
import { destinations } from "../db/schema/control.ts";
import { BatonError, refused } from "../errors.ts";
import { openConfigIfKnown } from "./config.ts";
import { signingSecrets } from "./http-config.ts";
import type { DestinationConfig, SigningKeys } from "./schemas.ts";
import { PUBLIC_PREFIX, publicKeyOf, readSigningKey } from "./sign.ts";

/** The ed25519 keys among what a config signs with, each with the place it stands at. */
function ed25519Keys(config: DestinationConfig) {
  if (!("sign" in config)) return [];
  return signingSecrets(config).flatMap((secret, i) => {
    const key = readSigningKey(secret);
    const path = config.sign?.secrets ? `config.sign.secrets.${i}` : "config.sign.secret";
    return key?.version === "v1a" ? [{ ...key, path }] : [];
  });
}

/** Where a destination's public keys are, or null when it signs without any. */
export function signingKeysUrl(
  { appUrl }: Pick<Settings, "appUrl">,
  id: string,
  config: DestinationConfig,
): string | null {
  return ed25519Keys(config).length > 0 ? `${appUrl}/.well-known/baton/signing-keys/${id}` : null;
}

/** 422 for a secret that names another public key than its own: what it signs could not be verified with that one. */
export async function assertSigningKeys(config: DestinationConfig): Promise<void> {
  for (const { seed, claimed, path } of ed25519Keys(config)) {
    const own = await publicKeyOf(seed);
    if (claimed?.some((byte, i) => byte !== own[i])) {
      throw refused(path, "its second half is not the public key of its first; use the seed alone");
    }
  }
}

/**
 * The public keys that verify what a destination is sent, in the order of its secrets. Anybody may ask who knows the
 * id; 404 for a destination without such keys, as for one that does not exist.
 */
export async function getSigningKeys(
  deps: Pick<Deps, "db" | "settings">,
  id: string,
): Promise<SigningKeys> {
  const row = await deps.db.select().from(destinations).where(eq(destinations.id, id)).get();
  const config = row ? await openConfigIfKnown(deps.settings, row) : undefined;
  // No 404: a receiver would take it for "it does not sign any more".
  if (config === null) throw new BatonError("unavailable", "The keys cannot be read just now.");
  const keys = config ? ed25519Keys(config) : [];
  if (keys.length === 0) throw new BatonError("not_found", `There are no signing keys at ${id}.`);
  const bytes = await Promise.all(keys.map(({ seed }) => publicKeyOf(seed)));
  return {
    keys: bytes.map((publicKey) => {
      const base64 = toBase64(publicKey);
      const x = base64.replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
      const shown = { kid: x.slice(0, 8), key: `${PUBLIC_PREFIX}${base64}` };
      return { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig", x, ...shown };
    }),
  };
}
