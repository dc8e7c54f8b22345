import type { z } from "zod";
import type { Settings } from "../context.ts";
import type { destinations } from "../db/schema/control.ts";
import { BatonError, type FieldError } from "../errors.ts";
import { log } from "../log.ts";
import { seal, unseal } from "../sealing.ts";
import { DRIVERS } from "./deliver.ts";
import { assertSendableUrl } from "./egress.ts";
import { type DestinationConfig, DestinationKind } from "./schemas.ts";

type Row = Pick<typeof destinations.$inferSelect, "id" | "kind" | "config">;

/** Opens a destination's sealed config. Throws when it was sealed with another master key, or is none of its kind. */
export async function openConfig(
  settings: Pick<Settings, "masterKey">,
  row: Row,
): Promise<DestinationConfig> {
  const json = await unseal(settings.masterKey, aadOf(row.id), row.config);
  const parsed = DRIVERS[DestinationKind.parse(row.kind)].parse(JSON.parse(json));
  // The schema's own message could quote the config.
  if (!parsed.success) throw new Error(`the stored config of ${row.id} is no ${row.kind} config`);
  return parsed.data;
}

/**
 * The config, or null when it cannot be opened, as after its key was lost: the destination can still be read, renamed,
 * given another config and deleted.
 */
export async function openConfigIfKnown(
  settings: Pick<Settings, "masterKey">,
  row: Row,
): Promise<DestinationConfig | null> {
  try {
    return await openConfig(settings, row);
  } catch (error) {
    log.error("config_not_opened", { destinationId: row.id, error });
    return null;
  }
}

/** Seals a config for its row: it opens for this destination only. */
export function sealConfig(
  settings: Pick<Settings, "masterKey">,
  id: string,
  config: DestinationConfig,
): Promise<string> {
  return seal(settings.masterKey, aadOf(id), JSON.stringify(config));
}

/**
 * Lays a PATCH over the current config; over none it must be a whole one. The kind is known only from the row, so the
 * whole is parsed here; 422 names the fields.
 */
export function patchConfig(
  settings: Settings,
  kind: DestinationKind,
  current: DestinationConfig | null,
  patch: Record<string, unknown>,
): DestinationConfig {
  const parsed = DRIVERS[kind].parse(current ? DRIVERS[kind].merge(current, patch) : patch);
  if (!parsed.success) throw refusal(parsed.error.issues);
  const target = DRIVERS[kind].target(parsed.data);
  if (target) assertSendableUrl(target, settings);
  return parsed.data;
}

function refusal(issues: z.core.$ZodIssue[]): BatonError {
  const errors = issues.flatMap((issue): FieldError[] => {
    const { path, message } = issue;
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : null;
    const paths = unknown ? unknown.map((key) => [...path, key]) : [path];
    return paths.map((at) => ({ path: ["config", ...at].map(String).join("."), message }));
  });
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return new BatonError("refused", detail, { errors });
}

function aadOf(id: string): string {
  return `destination:${id}`;
}
