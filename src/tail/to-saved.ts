import type { SavedFile } from "./checkpoint.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Followed } from "./followed-file.ts";

/** How far a file is acknowledged, as the checkpoint has it. */
export function toSaved({ contentId, path, key, head, mtimeNs, ledger }: Followed): SavedFile {
  const { offset, window } = ledger.acknowledged;
  const before = fingerprintOf(window);
  return { contentId, path, key, head, offset, before, mtimeNs: String(mtimeNs) };
}
