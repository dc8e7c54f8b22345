import { z } from "zod";

/** An object that refuses what it does not know, and says which field that is. Nothing is accepted and ignored. */
export function strict<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `${issue.keys.map((key) => `\`${key}\``).join(", ")}: not a field here in this release; remove it`
        : undefined,
  });
}
