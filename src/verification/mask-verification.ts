import { refused } from "../errors.ts";
import { MIN_HINTED_SECRET_CHARS } from "./constants.ts";
import { decode } from "./crypto.ts";
import { readKey } from "./standard-webhooks.ts";
import type { Verification } from "./verification.ts";

const MASK = "********";

/** The settings as the API shows them: of a secret only the last four characters, which tell them apart in a rotation. */
export function maskVerification(settings: Verification): Verification {
  const masked = { ...settings, secrets: settings.secrets.map(mask) };
  if (masked.preset === "meta") return { ...masked, verifyToken: mask(masked.verifyToken) };
  return masked.preset === "sens_v1" ? { ...masked, authKey: mask(masked.authKey) } : masked;
}

/**
 * Puts current secrets back for their masks, wherever they stand: a rotation sends `[new, mask of the old]`.
 * 422 for a mask that stands for nothing or could stand for several, and for a secret that is none of its preset.
 */
export function settleVerification(
  input: Verification,
  current: Verification | null,
): Verification {
  const stored = current?.secrets ?? [];
  // Of a shorter list nobody can say which one was taken out, so places tell nothing there.
  const aligned = input.secrets.length < stored.length ? [] : stored;
  const secrets = input.secrets.map((secret, i) => {
    const settled = restore(`verification.secrets.${i}`, secret, stored, aligned[i]);
    const fault = secretFault(input.preset, settled);
    if (fault) throw refused(`verification.secrets.${i}`, fault);
    return settled;
  });
  if (input.preset === "sens_v1") {
    const keys = current?.preset === "sens_v1" ? [current.authKey] : [];
    const authKey = restore("verification.authKey", input.authKey, keys, keys[0]);
    return { ...input, secrets, authKey };
  }
  if (input.preset !== "meta") return { ...input, secrets };
  const tokens = current?.preset === "meta" ? [current.verifyToken] : [];
  const verifyToken = restore("verification.verifyToken", input.verifyToken, tokens, tokens[0]);
  return { ...input, secrets, verifyToken };
}

function mask(secret: string): string {
  return secret.length < MIN_HINTED_SECRET_CHARS ? MASK : MASK + secret.slice(-4);
}

/** The secret that a mask of `path` stands for; 422 when there is none, or more than one that it could be. */
function restore(path: string, value: string, current: string[], here: string | undefined): string {
  if (!value.startsWith(MASK)) return value;
  const meant = new Set(current.filter((secret) => mask(secret) === value));
  const [only] = meant;
  if (only === undefined) {
    throw refused(path, "is masked and stands for no stored value here; send the value itself");
  }
  if (meant.size === 1) return only;
  if (here !== undefined && meant.has(here)) return here;
  throw refused(path, "is a mask that fits several stored values; send the value itself");
}

/** What is wrong with a secret for its preset, or null when nothing is. A secret that can verify nothing is a mistake. */
function secretFault(preset: Verification["preset"], secret: string): string | null {
  if (preset === "standard-webhooks" || preset === "portone") {
    return readKey(secret) ? null : "use `whsec_` and Base64, or `whpk_` and an ed25519 public key";
  }
  if (preset === "discord") {
    const isKey = decode(secret, "hex")?.length === 32;
    return isKey ? null : "use the application's public key, 64 hex digits";
  }
  return null;
}
