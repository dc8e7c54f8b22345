import { z } from "zod";
import { strictly } from "../strictly.ts";
import {
  MAX_CONTENT_TYPE_CHARS,
  MAX_EXPRESSION_CHARS,
  MAX_SCRIPT_CHARS,
  MAX_STEPS,
  MAX_TEMPLATE_CHARS,
  MAX_TRANSFORM_CHARS,
} from "./constants.ts";
import { refuseExpression } from "./refuse-expression.ts";
import { refuseTemplate } from "./refuse-template.ts";

const jsonata = z.strictObject({
  kind: z.literal("jsonata"),
  expression: z.string().min(1).max(MAX_EXPRESSION_CHARS),
});
const template = z.strictObject({
  kind: z.literal("template"),
  template: z.string().max(MAX_TEMPLATE_CHARS),
  contentType: z
    .string()
    .max(MAX_CONTENT_TYPE_CHARS)
    .regex(
      /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: ?;[\t\x20-\x7e]*)?$/,
      "is no content type, e.g. text/plain",
    )
    .optional()
    .meta({ description: "Default `text/plain`; of a JSON type the text must be valid JSON" }),
});
const script = z.strictObject({
  kind: z.literal("script"),
  code: z
    .string()
    .min(1)
    .max(MAX_SCRIPT_CHARS)
    .meta({ description: "An ES module: `export default async ({event, text, json}) => …`" }),
});

const SHAPES = { jsonata, template, script };
export type TransformStep = z.infer<(typeof SHAPES)[StepKind]>;
export type StepKind = keyof typeof SHAPES;
export type StepOf<K extends StepKind> = z.infer<(typeof SHAPES)[K]>;

const KINDS = Object.keys(SHAPES).join(", ");

/** A step by its kind: one object is checked, and what is wrong with it is said of its own fields. */
const StepShape = z
  .unknown()
  .transform((value, ctx): TransformStep => {
    const kind = (value as { kind?: unknown } | null)?.kind;
    if (typeof kind !== "string" || !Object.hasOwn(SHAPES, kind)) {
      ctx.addIssue({ code: "custom", path: ["kind"], message: `is none of: ${KINDS}` });
      return z.NEVER;
    }
    const result = strictly(SHAPES[kind as StepKind] as z.ZodObject).safeParse(value);
    if (result.success) return result.data as TransformStep;
    for (const { path, message } of result.error.issues) {
      ctx.addIssue({ code: "custom", path: [...path], message });
    }
    return z.NEVER;
  })
  .pipe(z.custom<TransformStep>());

const Shape = z
  .array(StepShape)
  .min(1, `has no step; give 1 to ${MAX_STEPS}, or null for no transform`)
  .max(MAX_STEPS)
  .refine((steps) => JSON.stringify(steps).length <= MAX_TRANSFORM_CHARS, {
    error: `is longer than ${MAX_TRANSFORM_CHARS} characters as JSON`,
  });

/** The chain of a rule: each step's output is the next one's input, the last one's is sent. */
export const Transform = Shape.superRefine((steps, ctx) => {
  steps.forEach((step, i) => {
    const refusal = refuseStep(step);
    if (refusal) ctx.addIssue({ code: "custom", path: [i, refusal.field], message: refusal.why });
  });
});
export type Transform = z.infer<typeof Shape>;

/** A rule's transform; null: the event's body is sent as it is. */
export const NullableTransform = Transform.nullable().meta({
  id: "Transform",
  type: ["array", "null"],
  minItems: 1,
  maxItems: MAX_STEPS,
  description:
    "Each step's output is the next one's input; the last output is what is sent. Null: the event's body is sent as it is.",
  items: { anyOf: Object.values(SHAPES).map((shape) => describe(shape)) },
});

/** What stands in the way of a step as it is written. A script can be loaded only where there is a loader. */
function refuseStep(step: TransformStep): { field: string; why: string } | null {
  switch (step.kind) {
    case "jsonata":
      return named("expression", refuseExpression(step.expression));
    case "template":
      return named("template", refuseTemplate(step.template));
    case "script":
      return null;
  }
}

function named(field: string, why: string | null) {
  return why === null ? null : { field, why };
}

function describe(shape: z.ZodObject): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: "input" });
  return schema;
}

/** A transform read from a JSON column: it may be from another version. Syntax shows when it runs. */
export function parseTransform(stored: unknown): { steps: Transform } | { refused: string } {
  const result = Shape.safeParse(stored);
  if (result.success) return { steps: result.data };
  const [issue] = result.error.issues;
  return { refused: `${["transform", ...(issue?.path ?? [])].join(".")}: ${issue?.message}` };
}
