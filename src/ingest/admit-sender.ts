import { BatonError } from "../errors.ts";
import { countRefusal } from "./count-refusal.ts";
import type { IngestSource } from "./find-source.ts";
import type { Identity } from "./identify-sender.ts";
import { keepRefused } from "./keep-refused.ts";

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
    await keepRefused(env, source, call, "unknown_sender");
    throw new BatonError(
      "unauthorized",
      "The sender key is unknown or was deleted. Use the URL or key of a sender of this source.",
    );
  }
  if (source.requireSender && !sender) {
    await keepRefused(env, source, call, "sender_required");
    throw new BatonError(
      "unauthorized",
      "Only known senders may send here. Put the sender's key in the path (`/~<key>/…`), the header `x-baton-sender`, or the query (`sender=<key>`).",
    );
  }
}
