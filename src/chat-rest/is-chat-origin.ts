import type { ChatSettings } from "../chat-auth/index.ts";
import type { Deps } from "../context.ts";
import { log } from "../log.ts";
import { isAllowedOrigin } from "../organizations/index.ts";
import { DEVELOPMENT_ORIGIN } from "./constants.ts";
import { findChatSource } from "./find-chat-source.ts";

type OriginDeps = Pick<Deps, "db" | "settings"> & { chat: ChatSettings };

/**
 * True when pages of this origin may call a chat from a browser. Those of the deployment are known without asking the
 * database, so that they can read that it cannot be asked.
 */
export async function isChatOrigin(
  deps: OriginDeps,
  slug: string | null,
  origin: string,
): Promise<boolean> {
  const { db, settings, chat } = deps;
  if (settings.baseDomain === "localhost" && origin === DEVELOPMENT_ORIGIN) return true;
  const isDefault = slug === null || slug === chat.defaultSource;
  if (isDefault && chat.clientOrigins.includes(origin)) return true;
  try {
    const { organizationId } = await findChatSource(deps, slug, chat.defaultSource);
    return await isAllowedOrigin(db, organizationId, origin);
  } catch (error) {
    log.warn("chat_origin_not_looked_up", { error });
    return false;
  }
}
