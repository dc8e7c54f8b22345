import { z } from "zod";
import { nameOf } from "../name.ts";
import { strict } from "../strict.ts";
import { ChannelConfig } from "./channel-config.ts";
import { MAX_NAME_CHARS, MAX_TRIES, MAX_WAIT_SECONDS } from "./constants.ts";
import { DiscordConfig } from "./discord-config.ts";
import { gateFields, shownGateFields } from "./gate-fields.ts";
import { HttpConfig } from "./http-config.ts";
import { ListenConfig } from "./listen.ts";
import { R2Config } from "./r2-config.ts";
import { SensConfig } from "./sens-config.ts";
import { SlackConfig } from "./slack-config.ts";
import { SmsCodeConfig } from "./sms-code-config.ts";
import { TelegramConfig } from "./telegram-config.ts";

export { ChannelConfig } from "./channel-config.ts";
export { DiscordConfig } from "./discord-config.ts";
export { HttpConfig } from "./http-config.ts";
export { ListenConfig } from "./listen.ts";
export { R2Config } from "./r2-config.ts";
export { SensConfig } from "./sens-config.ts";
export { SlackConfig } from "./slack-config.ts";
export { SmsCodeConfig } from "./sms-code-config.ts";
export { TelegramConfig } from "./telegram-config.ts";

const Name = nameOf(MAX_NAME_CHARS);

/** Seconds before each try; its length is the most tries. */
const Retry = strict({
  schedule: z.array(z.number().int().min(0).max(MAX_WAIT_SECONDS)).min(1).max(MAX_TRIES),
});

const common = {
  name: Name,
  retry: Retry.nullish().meta({ description: "Absent or null: the kind's default schedule" }),
  ...gateFields,
  enabled: z.boolean().default(true),
};

const CREATIONS = [
  strict({ ...common, kind: z.literal("http"), config: HttpConfig }),
  strict({ ...common, kind: z.literal("slack"), config: SlackConfig }),
  strict({ ...common, kind: z.literal("discord"), config: DiscordConfig }),
  strict({ ...common, kind: z.literal("telegram"), config: TelegramConfig }),
  strict({ ...common, kind: z.literal("sens_sms"), config: SensConfig }),
  strict({ ...common, kind: z.literal("r2"), config: R2Config }),
  strict({ ...common, kind: z.literal("channel"), config: ChannelConfig }),
  strict({ ...common, kind: z.literal("sms_code"), config: SmsCodeConfig }),
  strict({ ...common, kind: z.literal("listen"), config: ListenConfig }),
] as const;

// Both come from the list above: a kind that cannot be created is none.
export const DestinationKind = z.enum(CREATIONS.map(({ shape }) => shape.kind.value));
export type DestinationKind = z.infer<typeof DestinationKind>;
export const DestinationConfig = z.union(CREATIONS.map(({ shape }) => shape.config));
export type DestinationConfig = z.infer<typeof DestinationConfig>;

export const CreateDestination = z.discriminatedUnion("kind", CREATIONS, {
  error: (issue) =>
    issue.code === "invalid_union"
      ? `this release knows the kinds ${listed(DestinationKind.options)}; use one of them`
      : undefined,
});
export type CreateDestination = z.infer<typeof CreateDestination>;

function listed(kinds: readonly string[]): string {
  const quoted = kinds.map((kind) => `\`${kind}\``);
  return `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}

export const PatchDestination = strict(
  {
    name: Name.optional(),
    config: z.record(z.string(), z.unknown()).optional().meta({
      description:
        "Merged into the config: a given key replaces, `null` removes, `headers` merge by name, a masked value means unchanged",
    }),
    retry: Retry.nullish(),
    ...gateFields,
    enabled: z.boolean().optional(),
  },
  { kind: "cannot be changed; create another destination" },
);
export type PatchDestination = z.infer<typeof PatchDestination>;

export const Destination = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: DestinationKind,
    config: DestinationConfig.nullable().meta({
      description:
        "Secrets are masked; null: it was sealed with a master key that is lost. PATCH a whole config to replace it",
    }),
    retry: z
      .object({ schedule: z.array(z.number()) })
      .nullable()
      .meta({ description: "Null: the kind's default schedule" }),
    ...shownGateFields,
    signingKeysUrl: z.string().nullable().meta({
      description:
        "Public keys that verify its `v1a` signatures; null: it signs with no `whsk_` secret",
    }),
    enabled: z.boolean(),
    disabledReason: z
      .string()
      .nullable()
      .meta({ description: "Why Baton itself disabled it, e.g. `gone`" }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Destination" });
export type Destination = z.infer<typeof Destination>;

/** A JSON Web Key Set, with each key also as Standard Webhooks writes it. */
export const SigningKeys = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal("OKP"),
        crv: z.literal("Ed25519"),
        alg: z.literal("EdDSA"),
        use: z.literal("sig"),
        kid: z.string(),
        x: z.string().meta({ description: "The public key, Base64url" }),
        key: z.string().meta({ description: "`whpk_` and the public key in Base64" }),
      }),
    ),
  })
  .meta({ id: "SigningKeys" });
export type SigningKeys = z.infer<typeof SigningKeys>;

const Headers = z.array(z.tuple([z.string(), z.string()]));

/** What a test call came to; it is not stored. */
export const TestAttempt = z.object({
  id: z.string(),
  number: z.literal(1),
  startedAt: z.string(),
  outcome: z.enum(["succeeded", "failed"]),
  reason: z.string().optional(),
  durationMs: z.number().int(),
  request: z
    .object({ method: z.string(), url: z.string(), headers: Headers, body: z.string() })
    .optional(),
  response: z
    .object({
      status: z.number().int(),
      headers: Headers,
      body: z.string(),
      truncated: z.boolean(),
    })
    .optional(),
});
export type TestAttempt = z.infer<typeof TestAttempt>;
