import { z } from "zod";
import { nameOf } from "../name.ts";
import { RetentionDays } from "../retention/schemas.ts";
import { SOURCE_PRESETS } from "../source-preset.ts";
import { Verification } from "../verification/schemas.ts";
import {
  MAX_HOSTNAME_CHARS,
  MAX_HOSTNAMES,
  MAX_SOURCE_NAME_CHARS,
  RESERVED_SLUGS,
} from "./constants.ts";
import { Dedup } from "./dedup.ts";
import { hostnameFault } from "./hostname.ts";
import { OwnResponse } from "./own-response.ts";

const LATER = "is not available in this version; leave it out";
const LATER_FIELDS = {
  mode: LATER,
  syncTimeoutMs: LATER,
  limit: LATER,
};

/** Zod's message for unknown fields, one clause a field. */
function explainKeys(hints: Record<string, string>) {
  return (issue: { code: string; keys?: unknown }) => {
    if (issue.code !== "unrecognized_keys") return undefined;
    return (issue.keys as string[])
      .map(
        (key) => `${key} ${Object.hasOwn(hints, key) ? hints[key] : "is no field here; remove it"}`,
      )
      .join("; ");
  };
}

const Slug = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    "use 3 to 63 characters a–z, 0–9 and `-`, with `-` neither first nor last",
  )
  .refine(
    (slug) => slug.slice(2, 4) !== "--",
    "DNS reserves names with `--` as 3rd and 4th character",
  )
  .refine((slug) => !RESERVED_SLUGS.has(slug), "is reserved for the deployment; choose another one")
  .meta({ description: "DNS label, unique in the deployment; part of the source's URL" });

const Name = nameOf(MAX_SOURCE_NAME_CHARS);

const Hostname = z
  .string()
  .max(MAX_HOSTNAME_CHARS)
  .superRefine((name, ctx) => {
    const fault = hostnameFault(name);
    if (fault) ctx.addIssue({ code: "custom", message: fault });
  });

const Hostnames = z
  .array(Hostname)
  .max(MAX_HOSTNAMES)
  .refine((names) => new Set(names).size === names.length, "has one name twice; remove one")
  .meta({ description: "Own hostnames that lead to this source, beside its URL" });

const Preset = z.enum(SOURCE_PRESETS).meta({
  description:
    "What calls here: how a request is read, and how it is answered. `slack`: as an incoming webhook of Slack; `sens_v1`: as NAVER Cloud SENS v1, with a `verification` of the same name",
});

const changeable = {
  name: Name.optional(),
  hostnames: Hostnames.optional(),
  preset: Preset.optional(),
  requireSender: z
    .boolean()
    .meta({ description: "Only registered senders may send; all others get 401" })
    .optional(),
  response: OwnResponse.nullable()
    .meta({
      description:
        'The answer to callers; null or absent: what the preset says, for `generic` 202 `{"id":"evt_…"}`',
    })
    .optional(),
  retentionDays: RetentionDays.optional(),
  verification: Verification.nullable()
    .meta({ description: "How callers are verified; null or absent: everybody may send" })
    .optional(),
  dedup: Dedup.nullable()
    .meta({
      description:
        "What makes a request a duplicate; null: nothing does. Absent: nothing, or at a new source with preset `phone` its message within 120 s",
    })
    .optional(),
  enabled: z.boolean().optional(),
};

export const CreateSource = z
  .strictObject({ slug: Slug, ...changeable }, { error: explainKeys(LATER_FIELDS) })
  .meta({ id: "CreateSource" });
export type CreateSource = z.infer<typeof CreateSource>;

/** What is left out stays as it is; `hostnames` and `response` are replaced as a whole. */
export const UpdateSource = z
  .strictObject(changeable, {
    error: explainKeys({
      ...LATER_FIELDS,
      slug: "cannot be changed: callers use it; create another source instead",
    }),
  })
  .meta({ id: "UpdateSource" });
export type UpdateSource = z.infer<typeof UpdateSource>;

export const Source = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    url: z.string().meta({ description: "Where callers send to; any path below it works" }),
    hostnames: z.array(z.string()),
    preset: Preset,
    requireSender: z.boolean(),
    response: z
      .object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() })
      .nullable(),
    retentionDays: RetentionDays,
    verification: Verification.nullable().meta({
      description:
        "Secrets are masked; null: none, or sealed with a master key that is lost: then nothing is let in until it is set anew",
    }),
    dedup: Dedup.nullable(),
    enabled: z.boolean(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Source" });
export type Source = z.infer<typeof Source>;
