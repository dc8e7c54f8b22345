import { BatonError } from "../errors.ts";
import { findSource, type IngestSource } from "../ingest/index.ts";
import { log } from "../log.ts";
import type { KakaoDeps } from "./deps.ts";

/**
 * The source whose KakaoTalk channel a path means; null: the deployment's own. 404 for a slug that names none, 503 when
 * the deployment's own is not set up or the database cannot be asked.
 */
export async function findRelaySource(
  deps: Pick<KakaoDeps, "db" | "settings" | "kakao">,
  slug: string | null,
): Promise<IngestSource> {
  const name = slug ?? deps.kakao.defaultSource;
  if (name === "") {
    throw new BatonError(
      "unavailable",
      "No KakaoTalk channel is set up here: set DEFAULT_KAKAO_SOURCE to the slug of a source with preset kakao.",
    );
  }
  const source = await lookUp(deps, name);
  if (source?.enabled && source.preset === "kakao") return source;
  if (slug !== null) {
    throw new BatonError("not_found", `There is no enabled KakaoTalk channel ${name} here.`);
  }
  log.warn("default_kakao_source_unusable", { slug: name });
  throw new BatonError(
    "unavailable",
    `The KakaoTalk channel of this relay is not set up: DEFAULT_KAKAO_SOURCE names ${name}, which is no enabled source with preset kakao.`,
  );
}

async function lookUp({ db, settings }: Pick<KakaoDeps, "db" | "settings">, slug: string) {
  try {
    const cacheMs = settings.baseDomain === "localhost" ? 0 : undefined;
    return await findSource(db, { kind: "slug", name: slug }, cacheMs);
  } catch (error) {
    log.error("kakao_source_not_looked_up", { error });
    throw new BatonError(
      "unavailable",
      "The KakaoTalk channel could not be looked up; try again.",
      {
        retryAfterSeconds: 5,
      },
    );
  }
}
