import { openShards } from "../db/client.ts";
import { log } from "../log.ts";
import { TOKEN_HEADERS } from "../verification/index.ts";
import { type Call, factsOf } from "./call.ts";
import type { BodyStart } from "./check-body.ts";
import type { IngestSource } from "./find-source.ts";
import { keepStray, type Stray } from "./keep-stray.ts";
import { maskKeys } from "./sender-keys.ts";

/**
 * Keeps a request that a source refuses as a stray of its organization, within the bounds of strays, and without keys
 * and tokens. `start` gives what is kept of its body.
 */
export async function keepRefused(
  env: EdgeEnv,
  { id, organizationId }: IngestSource,
  call: Call,
  reason: Stray["reason"],
  start: () => Promise<Request | BodyStart> = async () => call.request,
): Promise<void> {
  try {
    const sent = await start();
    const facts = factsOf(call, TOKEN_HEADERS);
    const shown = { path: maskKeys(facts.path), query: maskKeys(facts.query) };
    const db = openShards(env)[0];
    if (db) await keepStray(db, sent, { ...facts, ...shown, organizationId, reason });
  } catch (error) {
    // The sender sees the refusal either way; the log says that the record is missing.
    log.error("stray_not_kept", { sourceId: id, error });
  }
}
