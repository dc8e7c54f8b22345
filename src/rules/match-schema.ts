import { z } from "zod";
import { CONDITION_PARTS } from "./condition-parts.ts";
import { MAX_GLOB_CHARS, MAX_MATCH_CHARS, MAX_METHODS } from "./constants.ts";
import { OPERATORS } from "./operators.ts";
import { regexTest } from "./pattern.ts";
import { readConditions } from "./read-conditions.ts";
import { strictly } from "./strictly.ts";

/** What the OpenAPI document says about conditions: JSON Schema, made from the operators that are read. */
function documentation(id: string, about: string, bare: string[]) {
  const self = { $ref: `#/components/schemas/${id}` };
  const operators = Object.fromEntries(Object.keys(OPERATORS).map((name) => [name, {}]));
  const logical = {
    $and: { type: "array", minItems: 1 },
    $or: { type: "array", minItems: 1 },
    $not: {},
  };
  return {
    id,
    type: "object" as const,
    description: `${about} A bare value means \`$eq\`. All given conditions must hold.`,
    properties: {
      $and: { type: "array" as const, minItems: 1, items: self },
      $or: { type: "array" as const, minItems: 1, items: self },
      $not: self,
    },
    additionalProperties: {
      anyOf: [
        { type: bare },
        { type: "object", properties: { ...operators, $exist: { type: "boolean" }, ...logical } },
      ],
    },
  };
}

function conditions(part: keyof typeof CONDITION_PARTS) {
  return z.custom<Record<string, unknown>>().superRefine((value, ctx) => {
    for (const issue of readConditions(CONDITION_PARTS[part], value).issues) {
      ctx.addIssue({ code: "custom", ...issue, continue: false });
    }
  });
}

const JsonConditions = conditions("json").meta(
  documentation(
    "JsonConditions",
    "Conditions on a JSON body by dotted path; a number indexes a list, any other name goes through its elements.",
    ["string", "number", "boolean", "null", "array"],
  ),
);
const SmsConditions = conditions("sms").meta(
  documentation(
    "SmsConditions",
    "Conditions on what the message says, by field: `kind`, `event`, `issuer`, `amount`, `merchant`, `code`, ….",
    ["string", "number", "boolean", "null"],
  ),
);
const textAbout =
  "Conditions on texts by name; a number compares with a text that is a plain decimal number.";
const textTypes = ["string", "number"];
const QueryConditions = conditions("query").meta(
  documentation("QueryConditions", textAbout, textTypes),
);
const HeaderConditions = conditions("headers").meta(
  documentation("HeaderConditions", textAbout, textTypes),
);

const Glob = z.string().min(1).max(MAX_GLOB_CHARS);
const Method = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/, "is no HTTP method, e.g. POST");

const Regex = z.string().superRefine((pattern, ctx) => {
  const test = regexTest(pattern);
  if (typeof test !== "function") ctx.addIssue({ code: "custom", message: test.refused });
});

const TextMatch = strictly(
  z.strictObject({
    contains: z.string().min(1).max(MAX_MATCH_CHARS).optional(),
    regex: Regex.meta({ description: "RE2 syntax, found anywhere in the text" }).optional(),
  }),
);

const shape = z
  .strictObject({
    method: z.array(Method).min(1).max(MAX_METHODS).optional(),
    host: Glob.meta({ description: "`*` stands for any run of characters" }).optional(),
    path: Glob.meta({ description: "`*` stands for any run of characters, `/` too" }).optional(),
    sender: Glob.meta({
      description: "A sender's id, or a name in which `*` stands for any run of characters",
    }).optional(),
    query: QueryConditions.optional(),
    headers: HeaderConditions.optional(),
    text: TextMatch.optional(),
    json: JsonConditions.optional(),
    sms: SmsConditions.optional(),
  })
  .superRefine((match, ctx) => {
    if (JSON.stringify(match).length <= MAX_MATCH_CHARS) return;
    ctx.addIssue({
      code: "custom",
      message: `is longer than ${MAX_MATCH_CHARS} characters as JSON`,
    });
  })
  .meta({
    id: "Match",
    description: "All given parts must hold; an empty object matches everything.",
  });

/** What a rule asks of an event. */
export const Match = strictly(shape);
export type Match = z.infer<typeof Match>;

/** A match read from a JSON column: it may be from another version. */
export function parseMatch(stored: unknown): { match: Match } | { refused: string } {
  const result = Match.safeParse(stored);
  if (result.success) return { match: result.data };
  const [issue] = result.error.issues;
  return { refused: ["match", ...(issue?.path ?? [])].join(".") + `: ${issue?.message}` };
}
