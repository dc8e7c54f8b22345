import { z } from "zod";

const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    reason: z
      .string()
      .optional()
      .meta({ description: "Of a portal's 503: why no session is ready" }),
    sent: z.boolean().optional().meta({
      description: "Of a portal's 503: whether the site may have got the request",
    }),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details" });

const PROBLEMS = {
  400: "Malformed",
  401: "No or unknown API key",
  403: "The key lacks the scope",
  404: "Not found, or another organization's",
  409: "Conflict",
  413: "Too large",
  415: "Not JSON",
  422: "Valid JSON, but refused: `errors` names the fields",
  503: "Cannot be done now; `Retry-After` says when to try again",
} as const;

/** One problem response. */
export function problemBody(description: string) {
  return { description, content: { "application/problem+json": { schema: Problem } } };
}

/** Problem responses of a route: `problems(404, 422)`. */
export function problems<S extends keyof typeof PROBLEMS>(...statuses: S[]) {
  const all: (keyof typeof PROBLEMS)[] = [400, 401, 403, ...statuses];
  return Object.fromEntries(all.map((status) => [status, problemBody(PROBLEMS[status])]));
}

/** A required JSON request body. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { content: { "application/json": { schema } }, required: true } as const;
}

/** A JSON response. */
export function jsonResponse<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } } as const;
}
