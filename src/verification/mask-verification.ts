import { refused } from "../errors.ts";
import { MIN_HINTED_SECRET_CHARS } from "./constants.ts";
import { decode } from "./crypto.ts";
import { readKey } from "./standard-webhooks.ts";
import type { Verification } from "./verification.ts";

const MASK = "********";

/** The settings as the API shows them: of a secret only the last four characters, which tell them apart in a rotation. */
export function maskVerification(settings: Verification): Verification {
  const masked = { ...settings, secrets: settings.secrets.map(mask) };
  return masked.preset === "meta" ? { ...masked, verifyToken: mask(masked.verifyToken) } : masked;
}

/**
 * Puts current secrets back for their masks, wherever they stand: a rotation sends `[new, mask of the old]`.
 * 422 for a mask that stands for nothing, and for a secret that is none of its preset.
 */
export function settleVerification(
  input: Verification,
  current: Verification | null,
): Verification {
  const secrets = input.secrets.map((secret, i) => {
    const settled = restore(secret, current?.secrets ?? [], i);
    if (settled === null) throw standsForNothing(`verification.secrets.${i}`);
    const fault = secretFault(input.preset, settled);
    if (fault) throw refused(`verification.secrets.${i}`, fault);
    return settled;
  });
  if (input.preset !== "meta") return { ...input, secrets };
  const tokens = current?.preset === "meta" ? [current.verifyToken] : [];
  const verifyToken = restore(input.verifyToken, tokens, 0);
  if (verifyToken === null) throw standsForNothing("verification.verifyToken");
  return { ...input, secrets, verifyToken };
}

function mask(secret: string): string {
  return secret.length < MIN_HINTED_SECRET_CHARS ? MASK : MASK + secret.slice(-4);
}

function restore(value: string, current: string[], index: number): string | null {
  if (!value.startsWith(MASK)) return value;
  const here = current[index];
  if (here !== undefined && mask(here) === value) return here;
  return current.find((secret) => mask(secret) === value) ?? null;
}

function standsForNothing(path: string) {
  return refused(path, "is masked and stands for no stored value here; send the value itself");
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
