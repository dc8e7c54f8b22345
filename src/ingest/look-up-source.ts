import { openControl } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { findSource, type IngestSource, type SourceLookup } from "./find-source.ts";

/** Looks a source up; throws 503 when the database cannot be asked, so that nothing is mistaken for a stray. */
export async function lookUpSource(
  env: EdgeEnv,
  lookup: SourceLookup,
): Promise<IngestSource | null> {
  // In a local session a change takes effect at once.
  const cacheMs = env.BASE_DOMAIN === "localhost" ? 0 : undefined;
  try {
    return await findSource(openControl(env.DB), lookup, cacheMs);
  } catch {
    throw new BatonError(
      "unavailable",
      "The source could not be looked up. Send the request again.",
      { retryAfterSeconds: 5 },
    );
  }
}
