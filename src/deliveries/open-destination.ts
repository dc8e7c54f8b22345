import type { Settings } from "../context.ts";
import type { destinations } from "../db/schema/control.ts";
import {
  DEFAULT_TIMEOUT_MS,
  type DestinationConfig,
  type DestinationKind,
  defaultSchedule,
  openConfig,
} from "../destinations/index.ts";
import { type GateConfig, gateConfigOf } from "../gates/index.ts";
import { log } from "../log.ts";

/** A destination ready to be called. */
export type OpenDestination = {
  id: string;
  name: string;
  kind: DestinationKind;
  /** Says whether somebody has changed it meanwhile; the sealed config does not, which a new master key changes too. */
  updatedAt: number;
  /** Null when it could not be opened: sealed with another master key. */
  config: DestinationConfig | null;
  timeoutMs: number;
  schedule: readonly number[];
  enabled: boolean;
  pausedUntil: number;
  /** Null: no gate is asked. */
  gate: GateConfig | null;
};

/** Opens the sealed config. One that cannot be opened is a failed attempt with a reason, not a failed batch. */
export async function openDestination(
  settings: Settings,
  row: typeof destinations.$inferSelect,
): Promise<OpenDestination> {
  const kind = row.kind as DestinationKind;
  const config = await openConfig(settings, row).catch((error: unknown) => {
    log.error("config_not_opened", { destinationId: row.id, error });
    return null;
  });
  return {
    id: row.id,
    name: row.name,
    kind,
    updatedAt: row.updatedAt,
    config,
    timeoutMs: config && "timeoutMs" in config ? config.timeoutMs : DEFAULT_TIMEOUT_MS,
    schedule: row.retrySchedule ?? defaultSchedule(kind),
    enabled: row.enabled,
    pausedUntil: row.pausedUntil ?? 0,
    gate: gateConfigOf(row),
  };
}
