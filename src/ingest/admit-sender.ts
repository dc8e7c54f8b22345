import { openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import { TOKEN_HEADERS } from "../verification/index.ts";
import { type Call, factsOf } from "./call.ts";
import { countRefusal } from "./count-refusal.ts";
import type { IngestSource } from "./find-source.ts";
import type { Identity } from "./identify-sender.ts";
import { keepStray, type Stray } from "./keep-stray.ts";
import { maskKeys } from "./sender-keys.ts";

/** 401 for a sender that is blocked, that shows a key nobody has, or that is not known where only known ones may send. */
export async function admitSender(
  env: EdgeEnv,
  source: IngestSource,
  { call, sender, isUnknownKey }: Identity,
): Promise<void> {
  if (sender?.state === "blocked") {
    await countRefusal(env, source, sender.id);
    throw new BatonError(
      "unauthorized",
      "This sender is blocked here; nothing was stored. Ask whoever runs this source.",
    );
  }
  if (isUnknownKey) {
    await keep(env, source, call, "unknown_sender");
    throw new BatonError(
      "unauthorized",
      "The sender key is unknown or was deleted. Use the URL or key of a sender of this source.",
    );
  }
  if (source.requireSender && !sender) {
    await keep(env, source, call, "sender_required");
    throw new BatonError(
      "unauthorized",
      "Only known senders may send here. Put the sender's key in the path (`/~<key>/…`), the header `x-baton-sender`, or the query (`sender=<key>`).",
    );
  }
}

/** A refused request is a stray of the source's organization, within the bounds of strays, and without keys. */
async function keep(
  env: EdgeEnv,
  { id, organizationId }: IngestSource,
  call: Call,
  reason: Stray["reason"],
): Promise<void> {
  try {
    const facts = factsOf(call, TOKEN_HEADERS);
    const shown = { path: maskKeys(facts.path), query: maskKeys(facts.query) };
    const db = openShards(env)[0];
    if (db) await keepStray(db, call.request, { ...facts, ...shown, organizationId, reason });
  } catch (error) {
    // The sender sees a 401 either way; the log says that the record is missing.
    log.error("stray_not_kept", { sourceId: id, error });
  }
}
