import type { Settings } from "../context.ts";
import { destinations, sources } from "../db/schema/control.ts";
import { portals } from "../db/schema/portals.ts";
import { deriveIngestKey } from "../ingest-key.ts";

/** A column of sealed text in a table of the control database that is keyed by `id`. */
export type SealedColumn = {
  /** Name in the job's report. */
  name: string;
  table: typeof destinations | typeof sources | typeof portals;
  column: string;
  /** Names the row, as at sealing. */
  aad: (id: string) => string;
  /** The keys that seal it, current one first. */
  keys: (settings: Pick<Settings, "masterKey">) => Promise<string>;
};

/**
 * Every column that the rotation seals again. Answers under an `Idempotency-Key` are not here: they end after a day, and
 * until then an older key opens them.
 */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    name: "destinations",
    table: destinations,
    column: destinations.config.name,
    aad: (id) => `destination:${id}`,
    keys: async ({ masterKey }) => masterKey,
  },
  {
    name: "sources",
    table: sources,
    column: sources.verification.name,
    aad: (id) => `source:${id}`,
    keys: ({ masterKey }) => deriveIngestKey(masterKey),
  },
  {
    name: "portals",
    table: portals,
    column: portals.credentials.name,
    aad: (id) => `portal:${id}`,
    keys: async ({ masterKey }) => masterKey,
  },
];
