import type { Settings } from "../context.ts";
import type { destinations } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import { openConfigIfKnown } from "./config.ts";
import { DRIVERS } from "./deliver.ts";
import { type Destination, DestinationKind } from "./schemas.ts";
import { signingKeysUrl } from "./signing-keys.ts";

/** A row as the API answers it, secrets masked. A config that cannot be opened is null. */
export async function toDestination(
  settings: Settings,
  row: typeof destinations.$inferSelect,
): Promise<Destination> {
  const kind = DestinationKind.parse(row.kind);
  const config = await openConfigIfKnown(settings, row);
  return {
    id: row.id,
    name: row.name,
    kind,
    config: config && DRIVERS[kind].mask(config),
    retry: row.retrySchedule ? { schedule: row.retrySchedule } : null,
    rate: row.rate,
    ordered: row.ordered ?? "none",
    orderKey: row.orderKey,
    breaker: row.breaker,
    signingKeysUrl: config && signingKeysUrl(settings, row.id, config),
    enabled: row.enabled,
    disabledReason: row.disabledReason,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
