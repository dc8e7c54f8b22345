import type { Settings } from "../context.ts";
import { toRfc3339 } from "../time.ts";
import { maskVerification } from "../verification/index.ts";
import type { SourceRow } from "./load-sources.ts";
import type { Source } from "./schemas.ts";
import { openSettings } from "./verification.ts";

/** A source as the API shows it: secrets are masked. */
export async function toSource(settings: Settings, row: SourceRow): Promise<Source> {
  const verification = await openSettings(settings, row);
  const { id, slug, name, hostnames, response, enabled } = row;
  return {
    id,
    slug,
    name,
    url: settings.ingestUrl.replace("{slug}", slug),
    hostnames,
    preset: row.preset,
    requireSender: row.requireSender,
    response: response ?? null,
    retentionDays: row.retentionDays,
    verification: verification && maskVerification(verification),
    dedup: row.dedup ?? null,
    enabled,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
