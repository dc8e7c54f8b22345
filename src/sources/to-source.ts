import type { Settings } from "../context.ts";
import { toRfc3339 } from "../time.ts";
import type { SourceRow } from "./load-sources.ts";
import type { Source } from "./schemas.ts";

/** A source as the API shows it. */
export function toSource(settings: Settings, row: SourceRow): Source {
  const { id, slug, name, hostnames, response, enabled } = row;
  return {
    id,
    slug,
    name,
    url: settings.ingestUrl.replace("{slug}", slug),
    hostnames,
    preset: "generic",
    response: response ?? null,
    enabled,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
