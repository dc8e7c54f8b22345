import { z } from "zod";
import { nameOf } from "../name.ts";
import { SOURCE_PRESETS } from "../source-preset.ts";
import { Timestamp } from "../time.ts";
import {
  MAX_RULE_NAME_CHARS,
  MAX_RULE_ORDER,
  MAX_TEST_HEADERS,
  MAX_TEST_URL_CHARS,
} from "./constants.ts";
import { Match } from "./match-schema.ts";
import { strictly } from "./strictly.ts";

export { Match } from "./match-schema.ts";

const LATER = { transform: "is not available in this version; leave it out" };

const Id = z.string().max(100);
const Order = z.number().int().min(0).max(MAX_RULE_ORDER);
const fields = {
  sourceId: Id,
  name: nameOf(MAX_RULE_NAME_CHARS),
  order: Order.meta({ description: "Rules of a source are tried from low to high" }),
  enabled: z.boolean(),
  stop: z.boolean().meta({ description: "When it matches, no later rule is tried" }),
  match: Match,
  destinationId: Id,
};

export const CreateRule = strictly(
  z
    .strictObject({
      ...fields,
      order: fields.order.default(0),
      enabled: fields.enabled.default(true),
      stop: fields.stop.default(false),
    })
    .meta({ id: "CreateRule" }),
  LATER,
);
export type CreateRule = z.infer<typeof CreateRule>;

/** Only what is sent changes; `match` is replaced as a whole. */
export const UpdateRule = strictly(
  z.strictObject(fields).partial().meta({ id: "UpdateRule" }),
  LATER,
);
export type UpdateRule = z.infer<typeof UpdateRule>;

export const Rule = z
  .object({ id: z.string(), ...fields, createdAt: z.string(), updatedAt: z.string() })
  .meta({ id: "Rule" });
export type Rule = z.infer<typeof Rule>;

const TestSender = strictly(
  z.strictObject({ id: z.string().max(100).optional(), name: z.string().max(200) }),
);
const headerLimit = `has more than ${MAX_TEST_HEADERS} headers`;
const TestEvent = strictly(
  z
    .strictObject({
      method: z.string().min(1).max(32),
      path: z
        .string()
        .max(MAX_TEST_URL_CHARS)
        .regex(/^\/[^?#]*$/, "starts with `/` and has no `?`; the query has its own field"),
      query: z
        .union([z.string().max(MAX_TEST_URL_CHARS), z.record(z.string(), z.string())])
        .meta({ description: "Raw, or values by name" })
        .optional(),
      headers: z
        .union([
          z
            .record(z.string(), z.string())
            .refine((headers) => Object.keys(headers).length <= MAX_TEST_HEADERS, headerLimit),
          z.array(z.tuple([z.string(), z.string()])).max(MAX_TEST_HEADERS),
        ])
        .optional(),
      body: z.string().meta({ description: "The body as text; of JSON, its text" }).optional(),
      bodyBase64: z
        .base64({ error: "is not Base64" })
        .meta({ description: "Instead of `body`, for bytes" })
        .optional(),
      host: z.string().max(300).optional(),
      receivedAt: Timestamp.optional(),
      sender: z.union([z.string().max(200), TestSender]).optional(),
      preset: z
        .enum(SOURCE_PRESETS)
        .meta({ description: "Of the source it would come to; `phone` reads bare codes" })
        .optional(),
    })
    .refine((event) => event.body === undefined || event.bodyBase64 === undefined, {
      path: ["bodyBase64"],
      error: "stands beside `body`; send one of the two",
    }),
);
export type TestEvent = z.infer<typeof TestEvent>;

export const TestRule = strictly(
  z
    .strictObject({ match: Match, eventId: Id.optional(), event: TestEvent.optional() })
    .refine((test) => (test.eventId === undefined) !== (test.event === undefined), {
      path: ["eventId"],
      error: "send exactly one of `eventId` and `event`",
    })
    .meta({ id: "TestRule" }),
  LATER,
);
export type TestRule = z.infer<typeof TestRule>;

/** One check of a match: its place, what it wants, what the request has. */
export const TraceLine = z
  .object({ check: z.string(), expected: z.string(), actual: z.string(), ok: z.boolean() })
  .meta({ id: "TraceLine" });
export type TraceLine = z.infer<typeof TraceLine>;

export const RuleTestResult = z
  .object({
    matched: z.boolean(),
    trace: z.array(TraceLine),
    /** What would be sent; only when it matched. `bodyBase64` when it is not UTF-8 text. */
    output: z
      .object({
        contentType: z.string().nullable(),
        /** Bytes in all, also when only the first of them are shown. */
        size: z.number().int(),
        truncated: z.boolean(),
        body: z.string().optional(),
        bodyBase64: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: "RuleTestResult" });
export type RuleTestResult = z.infer<typeof RuleTestResult>;
