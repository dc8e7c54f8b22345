import { MAX_SHARED_BODY_BYTES, MEMORY_LOOK_MS } from "./constants.ts";
import type { Deadline } from "./deadline.ts";
import type { HttpConfig } from "./http-config.ts";
import { signingSecrets } from "./http-config.ts";
import { isSignedWhole } from "./sign.ts";

// Whose large body is in this isolate's memory. A plain value: no request may wait for what another one does.
let held: { until: number } | null = null;

/** True for a body that is too large for several of its kind to be in memory at a time. */
export function isHeldWhole(config: Pick<HttpConfig, "sign">, size: number): boolean {
  return size > MAX_SHARED_BODY_BYTES && isSignedWhole(signingSecrets(config));
}

/**
 * Waits until no other call of this isolate has a large body in memory, and gives what ends our own turn; null when the
 * deadline came first. A turn ends by itself after `forMs`, for a call that was killed.
 */
export async function holdMemory(deadline: Deadline, forMs: number): Promise<(() => void) | null> {
  try {
    while (held && held.until > Date.now()) {
      await deadline.race(new Promise((resolve) => setTimeout(resolve, MEMORY_LOOK_MS)));
    }
  } catch {
    return null;
  }
  const own = { until: Date.now() + forMs };
  held = own;
  return () => {
    if (held === own) held = null;
  };
}
