import type { z } from "zod";
import type { Settings } from "../context.ts";
import type { AttemptInput, AttemptResult, EarlierTry } from "./driver.ts";
import type { SavedTarget } from "./egress.ts";
import type { Receipt } from "./receipt.ts";
import type { DestinationConfig } from "./schemas.ts";

/** What a service that reports later told when it was asked. */
export type Polled = { receipt: unknown; dueAt: number | null };

/** How a kind keeps account of what its service has taken on; `deliveries.receipt` is its own. */
export type Receipts<C> = {
  /** True for a try of which nobody knows whether the service took it. */
  isDoubtful: (earlier: EarlierTry) => boolean;
  show: (receipt: unknown) => Receipt;
  /** Asks what became of it. Null config: the destination is gone. An outside failure is data, and asked again. */
  poll: (config: C | null, receipt: unknown, settings: Settings) => Promise<Polled>;
};

/** Everything that Baton knows about one kind of destination. */
export type Driver = {
  /** Seconds before each try when the destination sets no schedule of its own. */
  schedule: readonly number[];
  parse: (config: unknown) => z.ZodSafeParseResult<DestinationConfig>;
  /** The config with its secrets masked. */
  mask: (config: DestinationConfig) => DestinationConfig;
  /** A patch laid over the current config, masked values put back; not yet parsed. */
  merge: (current: DestinationConfig, patch: Record<string, unknown>) => unknown;
  /** What it calls, and the field that says so: checked when it is saved. Null: it calls nothing. */
  target: (config: DestinationConfig) => SavedTarget | null;
  /** Whether machines or people read what it is sent. */
  readers: "machines" | "people";
  /** Null: its tries leave nothing but their outcome. */
  receipts: Receipts<DestinationConfig> | null;
  deliver: (config: DestinationConfig, input: AttemptInput) => Promise<AttemptResult>;
};

type Definition<C> = {
  schema: z.ZodType<C>;
  schedule: readonly number[];
  mask: (config: C) => C;
  merge: (current: C, patch: Record<string, unknown>) => unknown;
  target: (config: C) => SavedTarget | null;
  readers: "machines" | "people";
  receipts: Receipts<C> | null;
  deliver: (config: C, input: AttemptInput) => Promise<AttemptResult>;
};

/** Closes a kind over its own config type, so that the table of kinds needs no casts. */
export function defineKind<C extends DestinationConfig>(definition: Definition<C>): Driver {
  const { schema, receipts } = definition;
  return {
    schedule: definition.schedule,
    parse: (config) => schema.safeParse(config),
    mask: (config) => definition.mask(schema.parse(config)),
    merge: (current, patch) => definition.merge(schema.parse(current), patch),
    target: (config) => definition.target(schema.parse(config)),
    readers: definition.readers,
    receipts: receipts && {
      ...receipts,
      poll: (config, receipt, settings) =>
        receipts.poll(config && schema.parse(config), receipt, settings),
    },
    deliver: async (config, input) => {
      const parsed = schema.safeParse(config);
      if (parsed.success) return definition.deliver(parsed.data, input);
      return { outcome: { ok: false, retry: false, reason: "invalid_config" } };
    },
  };
}
