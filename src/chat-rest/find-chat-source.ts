import type { Deps } from "../context.ts";
import { BatonError } from "../errors.ts";
import { findSource, type IngestSource } from "../ingest/index.ts";
import { log } from "../log.ts";

type FindDeps = Pick<Deps, "db" | "settings">;

/**
 * The source that says whose users chat; null: the deployment's own. 404 for a slug that names none, 503 when the
 * deployment's own is not set up or the database cannot be asked.
 */
export async function findChatSource(
  deps: FindDeps,
  slug: string | null,
  defaultSource: string,
): Promise<IngestSource> {
  const name = slug ?? defaultSource;
  if (name === "") {
    throw new BatonError(
      "unavailable",
      "No chat is set up here: set DEFAULT_CHAT_SOURCE to the slug of a source with preset chat.",
    );
  }
  const source = await lookUp(deps, name);
  if (source?.enabled && source.preset === "chat") return source;
  if (slug !== null) throw new BatonError("not_found", `There is no enabled chat ${name} here.`);
  log.warn("default_chat_source_unusable", { slug: name });
  throw new BatonError(
    "unavailable",
    `Chat is not set up: DEFAULT_CHAT_SOURCE names ${name}, which is no enabled source with preset chat.`,
  );
}

async function lookUp({ db, settings }: FindDeps, slug: string): Promise<IngestSource | null> {
  try {
    const cacheMs = settings.baseDomain === "localhost" ? 0 : undefined;
    return await findSource(db, { kind: "slug", name: slug }, cacheMs);
  } catch (error) {
    log.error("chat_source_not_looked_up", { error });
    throw new BatonError("unavailable", "The chat could not be looked up; try again.", {
      retryAfterSeconds: 5,
    });
  }
}
