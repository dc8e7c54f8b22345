import { OpenAPIHono } from "@hono/zod-openapi";
import type { Scope } from "../api-keys/schemas.ts";
import type { Context } from "../context.ts";
import { BatonError, type FieldError } from "../errors.ts";
import type { Grant } from "../tokens/index.ts";

/** Bindings and variables behind every route of the app host. */
export type AdminEnv = {
  Bindings: AppEnv;
  Variables: {
    ctx: Context;
    scopes: readonly Scope[];
    /** What a channel token opens, when the caller showed one instead of an API key. */
    grant?: Grant;
    /** Whether the page that calls is of an origin that the organization allows; unset for our own and without one. */
    isAllowedOrigin?: boolean;
  };
};

type Issue = {
  path: PropertyKey[];
  message: string;
  code?: string;
  errors?: Issue[][];
  /** Of `unrecognized_keys`: Zod blames the object and lists them here. */
  keys?: string[];
  /** Of `invalid_key`: what is wrong with the key. */
  issues?: Issue[];
  /** Of `invalid_type`. */
  expected?: string;
};

/**
 * A router whose validation failures are problem documents: 422 for a body that is valid JSON but refused,
 * 404 for a malformed id in the path, 400 for query and headers.
 */
export function createRouter() {
  return new OpenAPIHono<AdminEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const errors = fieldErrors(result.error.issues as Issue[]);
      const detail = errors.map((e) => (e.path ? `${e.path}: ${e.message}` : e.message)).join("; ");
      throw new BatonError(CODE_OF_TARGET[result.target] ?? "malformed", detail, { errors });
    },
  });
}

const CODE_OF_TARGET: Partial<Record<string, "refused" | "not_found">> = {
  json: "refused",
  param: "not_found",
};

/** Flattens Zod issues to dotted paths, each unknown key its own; of a union's branches the one that got furthest speaks. */
export function fieldErrors(issues: Issue[], prefix: PropertyKey[] = []): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    const message = messageOf(issue);
    if (issue.keys) return issue.keys.map((key) => ({ path: dotted([...path, key]), message }));
    const branches = (issue.errors ?? []).map((branch) => fieldErrors(branch, path));
    const deepest = branches.toSorted((a, b) => depth(b) - depth(a))[0];
    return deepest?.length ? deepest : [{ path: dotted(path), message }];
  });
}

/** Zod's words, but for two that do not say how to mend it: a refused key of a record, and a missing value. */
function messageOf({ code, message, issues, expected }: Issue): string {
  if (code === "invalid_key") return issues?.[0]?.message ?? message;
  if (code === "invalid_type" && message.endsWith("received undefined")) {
    return `is missing: expected ${expected ?? "a value"}`;
  }
  return message;
}

function dotted(path: PropertyKey[]): string {
  return path.map(String).join(".");
}

function depth(errors: FieldError[]): number {
  return Math.max(0, ...errors.map((error) => error.path.split(".").length));
}
