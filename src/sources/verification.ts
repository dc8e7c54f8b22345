import type { Settings } from "../context.ts";
import { deriveIngestKey } from "../ingest-key.ts";
import { log } from "../log.ts";
import {
  openVerification,
  sealVerification,
  settleVerification,
  type Verification,
} from "../verification/index.ts";
import type { SourceRow } from "./load-sources.ts";

type Keys = Pick<Settings, "masterKey">;

/**
 * Opens a source's settings of verification. Null when it has none, and when they cannot be opened, as after their key
 * was lost: the source can still be read and given others. Until then the edge lets nothing in.
 */
export async function openSettings(
  { masterKey }: Keys,
  { id, verification }: Pick<SourceRow, "id" | "verification">,
): Promise<Verification | null> {
  if (!verification) return null;
  try {
    return await openVerification(await deriveIngestKey(masterKey), id, verification);
  } catch (error) {
    log.error("verification_not_opened", { sourceId: id, error });
    return null;
  }
}

/** Seals what a caller sent for the source's row, masks of `current` secrets put back; undefined stays as it is. */
export async function sealSettings<T extends Verification | null | undefined>(
  { masterKey }: Keys,
  id: string,
  input: T,
  current: Verification | null = null,
): Promise<string | Extract<T, null | undefined>> {
  if (input === null || input === undefined) return input as Extract<T, null | undefined>;
  const settled = settleVerification(input, current);
  return sealVerification(await deriveIngestKey(masterKey), id, settled);
}
