import type { Settings } from "../context.ts";
import { deriveIngestKey } from "../ingest-key.ts";
import {
  openVerification,
  sealVerification,
  settleVerification,
  type Verification,
} from "../verification/index.ts";
import type { SourceRow } from "./load-sources.ts";

type Keys = Pick<Settings, "masterKey">;

/** Opens a source's settings of verification; null when it has none. */
export async function openSettings(
  { masterKey }: Keys,
  { id, verification }: Pick<SourceRow, "id" | "verification">,
): Promise<Verification | null> {
  if (!verification) return null;
  return openVerification(await deriveIngestKey(masterKey), id, verification);
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
