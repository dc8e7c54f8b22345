import { createHash } from "node:crypto";

/** Tells whether bytes are still what they were, without keeping them: a checkpoint must not hold log text. */
export type Fingerprint = { bytes: number; sha256: string };

export function fingerprintOf(bytes: Uint8Array): Fingerprint {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export const NO_FINGERPRINT = fingerprintOf(new Uint8Array());

/** True when `bytes` begin with what the fingerprint was made of. */
export function beginsWith(bytes: Uint8Array, fingerprint: Fingerprint): boolean {
  if (bytes.length < fingerprint.bytes) return false;
  return fingerprintOf(bytes.subarray(0, fingerprint.bytes)).sha256 === fingerprint.sha256;
}
