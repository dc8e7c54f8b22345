import { z } from "zod";
import {
  DEFAULT_TOLERANCE_SECONDS,
  MAX_SECRET_CHARS,
  MAX_TOLERANCE_SECONDS,
  MAX_VERIFICATION_SECRETS,
} from "./constants.ts";
import { PLAIN_PRESETS } from "./verification.ts";

const Secret = z
  .string()
  .min(1)
  .max(MAX_SECRET_CHARS)
  .refine((text) => text.isWellFormed(), "is not well-formed text");

const HeaderName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is no header name");

const common = {
  secrets: z.array(Secret).min(1).max(MAX_VERIFICATION_SECRETS).meta({
    description: "Any of them may have signed; answers show `********` and the last four",
  }),
  toleranceSeconds: z
    .number()
    .positive()
    .max(MAX_TOLERANCE_SECONDS)
    .default(DEFAULT_TOLERANCE_SECONDS)
    .meta({ description: "How far a signed time may be from now; presets without one ignore it" }),
  onFailure: z
    .enum(["reject", "store"])
    .default("reject")
    .meta({ description: "`reject`: 401 and a stray; `store`: an event `rejected`, never routed" }),
};

const Hmac = z
  .strictObject({
    preset: z.literal("hmac"),
    ...common,
    header: HeaderName.meta({ description: "Header with the signature" }),
    algorithm: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
    encoding: z.enum(["hex", "base64", "base64url"]).default("hex"),
    prefix: z
      .string()
      .max(50)
      .default("")
      .meta({ description: "What stands before the signature, e.g. `sha256=`" }),
    signed: z.enum(["body", "timestamp.body"]).default("body"),
    timestampHeader: HeaderName.optional().meta({
      description: "Header with the signed time: seconds, milliseconds or ISO 8601",
    }),
  })
  .refine(
    ({ signed, timestampHeader }) => (signed === "body") === (timestampHeader === undefined),
    {
      path: ["timestampHeader"],
      error: "goes with `signed: timestamp.body`; give both or neither",
    },
  );

/** How a source knows its sender. Beside secrets some presets have fields of their own. */
export const Verification = z
  .discriminatedUnion("preset", [
    z.strictObject({ preset: z.enum(PLAIN_PRESETS), ...common }),
    Hmac,
    z.strictObject({
      preset: z.literal("meta"),
      ...common,
      verifyToken: Secret.meta({ description: "What Meta sends as `hub.verify_token`" }),
    }),
    z.strictObject({
      preset: z.literal("sens_v1"),
      ...common,
      secrets: common.secrets.meta({
        description: "Any of them may come as `x-ncp-service-secret`; answers mask them",
      }),
      authKey: Secret.meta({ description: "What must come as `x-ncp-auth-key`" }),
      onFailure: z
        .literal("reject", { error: "a wrong pair is always 401; leave it out or send `reject`" })
        .default("reject"),
    }),
  ])
  .meta({ id: "Verification" });
export type Verification = z.infer<typeof Verification>;
