import type { z } from "zod";
import type { AttemptInput, AttemptResult } from "./driver.ts";
import type { SavedTarget } from "./egress.ts";
import type { DestinationConfig } from "./schemas.ts";

/** Everything that Baton knows about one kind of destination. */
export type Driver = {
  /** Seconds before each try when the destination sets no schedule of its own. */
  schedule: readonly number[];
  parse: (config: unknown) => z.ZodSafeParseResult<DestinationConfig>;
  /** The config with its secrets masked. */
  mask: (config: DestinationConfig) => DestinationConfig;
  /** A patch laid over the current config, masked values put back; not yet parsed. */
  merge: (current: DestinationConfig, patch: Record<string, unknown>) => unknown;
  /** What it calls, and the field that says so: checked when it is saved. */
  target: (config: DestinationConfig) => SavedTarget;
  /** Whether machines or people read what it is sent. */
  readers: "machines" | "people";
  deliver: (config: DestinationConfig, input: AttemptInput) => Promise<AttemptResult>;
};

type Definition<C> = {
  schema: z.ZodType<C>;
  schedule: readonly number[];
  mask: (config: C) => C;
  merge: (current: C, patch: Record<string, unknown>) => unknown;
  target: (config: C) => SavedTarget;
  readers: "machines" | "people";
  deliver: (config: C, input: AttemptInput) => Promise<AttemptResult>;
};

/** Closes a kind over its own config type, so that the table of kinds needs no casts. */
export function defineKind<C extends DestinationConfig>(definition: Definition<C>): Driver {
  const { schema } = definition;
  return {
    schedule: definition.schedule,
    parse: (config) => schema.safeParse(config),
    mask: (config) => definition.mask(schema.parse(config)),
    merge: (current, patch) => definition.merge(schema.parse(current), patch),
    target: (config) => definition.target(schema.parse(config)),
    readers: definition.readers,
    deliver: async (config, input) => {
      const parsed = schema.safeParse(config);
      if (parsed.success) return definition.deliver(parsed.data, input);
      return { outcome: { ok: false, retry: false, reason: "invalid_config" } };
    },
  };
}
