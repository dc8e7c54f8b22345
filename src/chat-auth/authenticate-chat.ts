import type { ChatUser } from "../chat/index.ts";
import type { Deps } from "../context.ts";
import type { IngestSource } from "../ingest/index.ts";
import type { ChatSettings } from "./settings.ts";

/** What signing in needs: `ChatDeps` and chat's settings. */
export type ChatAuthDeps = Pick<Deps, "db" | "settings"> & { chat: ChatSettings };

/**
 * Who a raw token (no `Bearer`) says that its bearer is, among the users of the source's organization. Throws `ChatError`
 * `token_expired` and `BatonError` `unauthorized` for tokens that are not good; `BatonError` `unavailable` when that
 * cannot be found out now.
 */
export async function authenticateChat(
  _deps: ChatAuthDeps,
  _source: IngestSource,
  _token: string,
): Promise<ChatUser> {
  throw new Error("not built yet");
}
