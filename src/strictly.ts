import { z } from "zod";

/**
 * An object schema that refuses every other key, each by its own name in the error's path. (Zod's own strict
 * objects blame the object, and pass over a key named `__proto__`.) `hints` says more about some of them.
 */
export function strictly<T extends z.ZodObject>(object: T, hints: Record<string, string> = {}) {
  const strict = z.preprocess((value, ctx) => {
    for (const key of typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.keys(value)
      : []) {
      if (Object.hasOwn(object.shape, key)) continue;
      const known = Object.keys(object.shape).join(", ");
      const message = Object.hasOwn(hints, key) ? hints[key] : undefined;
      ctx.addIssue({
        code: "custom",
        path: [key],
        message: message ?? `is unknown; known are: ${known}`,
      });
    }
    return value;
  }, object);
  // `preprocess` forgets what goes in; callers of the API should see it.
  return strict as unknown as z.ZodType<z.output<T>, z.input<T>>;
}
