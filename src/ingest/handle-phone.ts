import { sha256Hex } from "../crypto.ts";
import { openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import { TOKEN_HEADERS } from "../verification/index.ts";
import { type Call, factsOf } from "./call.ts";
import type { IngestSource } from "./find-source.ts";
import { handleCallback } from "./handle-callback.ts";
import { keepStray, type Stray } from "./keep-stray.ts";
import { lookUpSource } from "./look-up-source.ts";
import { PHONE } from "./phone-intake.ts";
import { readPhoneKeys } from "./phone-keys.ts";
import { PHONE_PATH } from "./target.ts";

type Refusal = {
  code: "unauthorized" | "not_found";
  reason: Stray["reason"];
  detail: string;
  source?: IngestSource;
};

/**
 * Takes what phones send to `/webhook/sms`: the sender's key names source and phone. Without a key it goes to the
 * deployment's default source, if there is one. A key that nobody has never does: it was mistyped, or taken back.
 */
export async function handlePhone(
  env: EdgeEnv,
  received: Call,
  keyInPath: string | null,
): Promise<Response> {
  try {
    const { keys, call } = readPhoneKeys(received, keyInPath);
    const found = keys.length > 0 ? await sourceOfKeys(env, keys) : await defaultSource(env);
    const refusal = refusalOf(env, found?.source, keys.length > 0);
    if (!found || refusal) return await refuse(env, call, refusal ?? unknownKey(env));
    // Where every source has a sender's key, so that it is known and cut off as everywhere.
    const path = found.key === null ? call.path : `/~${found.key}${call.path}`;
    return await handleCallback(env, { ...call, path }, found.source);
  } catch (error) {
    if (error instanceof BatonError) return PHONE.refuse(error);
    throw error;
  }
}

type Found = { source: IngestSource; key: string | null };

async function sourceOfKeys(env: EdgeEnv, keys: string[]): Promise<Found | null> {
  for (const key of keys) {
    const source = await lookUpSource(env, { kind: "sender", name: await sha256Hex(key) });
    if (source) return { source, key };
  }
  return null;
}

async function defaultSource(env: EdgeEnv): Promise<Found | null> {
  const slug: string = env.DEFAULT_PHONE_SOURCE;
  if (slug === "") return null;
  const source = await lookUpSource(env, { kind: "slug", name: slug });
  if (source?.enabled && source.preset === "phone") return { source, key: null };
  log.warn("default_phone_source_unusable", { slug });
  return null;
}

/** What is wrong with the source, or that there is none; null: it takes the call. */
function refusalOf(
  env: EdgeEnv,
  source: IngestSource | undefined,
  hasKey: boolean,
): Refusal | null {
  if (!source) return hasKey ? unknownKey(env) : keyMissing(env);
  if (!source.enabled) {
    const detail = "The source of this sender key is disabled. Enable it, then send again.";
    return { code: "not_found", reason: "source_disabled", detail, source };
  }
  if (source.preset !== "phone") {
    const detail = `The source of this sender key is none for phones. Set its \`preset\` to \`phone\`, or send to the source's own URL instead of \`${PHONE_PATH}\`.`;
    return { code: "unauthorized", reason: "unknown_sender", detail, source };
  }
  return null;
}

function unknownKey(env: EdgeEnv): Refusal {
  const detail = `The sender key is unknown or was deleted. ${remedy(env)}`;
  return { code: "unauthorized", reason: "unknown_sender", detail };
}

function keyMissing(env: EdgeEnv): Refusal {
  const detail = `\`${PHONE_PATH}\` needs a sender key, which says whose phone this is. ${remedy(env)}`;
  return { code: "unauthorized", reason: "sender_required", detail };
}

function remedy({ APP_URL }: EdgeEnv): string {
  return `Make a sender at a source with preset \`phone\` (POST ${APP_URL}/api/v1/sources/{id}/senders) and send to ${APP_URL}${PHONE_PATH}/<key>; the key may also be in the header \`x-baton-sender\` or in the query (\`key=<key>\`).`;
}

/** A refused request is a stray without its key, as everywhere. */
async function refuse(env: EdgeEnv, call: Call, refusal: Refusal): Promise<Response> {
  const { code, reason, detail, source } = refusal;
  try {
    const db = openShards(env)[0];
    const organizationId = source?.organizationId ?? null;
    const facts = factsOf(call, TOKEN_HEADERS);
    if (db) await keepStray(db, call.request, { ...facts, organizationId, reason });
    log.debug("stray", { host: facts.host, method: facts.method, path: facts.path, reason });
  } catch (error) {
    // The sender sees the refusal either way; the log says that the record is missing.
    log.error("stray_not_kept", { host: call.url.hostname, error });
  }
  return PHONE.refuse(new BatonError(code, detail));
}
