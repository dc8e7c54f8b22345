import { openControl, openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { log } from "../log.ts";
import { TOKEN_HEADERS } from "../verification/index.ts";
import { type Call, factsOf } from "./call.ts";
import { findFormerOwner, type IngestSource, type SourceName } from "./find-source.ts";
import { identifySender } from "./identify-sender.ts";
import { intakeOf } from "./intake.ts";
import { keepStray } from "./keep-stray.ts";
import { maskKeys } from "./sender-keys.ts";

/** Keeps what matched no source, and answers 404 saying what exists for this kind of request. */
export async function handleStray(
  env: EdgeEnv,
  call: Call,
  name: SourceName,
  disabled: IngestSource | null,
): Promise<Response> {
  // The whole path: under `/in/<slug>/` the name that nobody has is what the operator looks for.
  // No preset is known here, so no preset's token is kept: it is the secret of a source that was, or is asleep.
  // A source that is asleep tells its senders' own keys.
  const bare = disabled
    ? (await identifySender(disabled, intakeOf(disabled.preset), call)).call
    : call;
  const seen = factsOf(bare, TOKEN_HEADERS);
  const path = call.url.pathname.replace(call.path, () => bare.path);
  const facts = { ...seen, path: maskKeys(path), query: maskKeys(seen.query) };
  let kept = false;
  try {
    const owner = disabled?.organizationId ?? (await findFormerOwner(openControl(env.DB), name));
    const reason = disabled ? "source_disabled" : owner ? "source_deleted" : "unknown_source";
    const db = openShards(env)[0];
    if (db) kept = await keepStray(db, call.request, { ...facts, organizationId: owner, reason });
    log.debug("stray", { host: facts.host, method: facts.method, path: facts.path, reason });
  } catch (error) {
    // The sender sees a 404 either way; the log says that the record is missing.
    log.error("stray_not_kept", { host: facts.host, error });
  }
  return problemResponse(
    new BatonError(
      "not_found",
      `No enabled source takes ${facts.host}${facts.path}.${kept ? " It was kept as a stray." : ""}`,
    ),
    {
      exists: {
        wildcardHost: env.INGEST_URL.replace("{slug}", "<slug>"),
        path: `${env.APP_URL}/in/<slug>/…`,
        ownHostname: "a hostname listed in a source's `hostnames`",
        sources: `${env.APP_URL}/api/v1/sources`,
      },
    },
  );
}
