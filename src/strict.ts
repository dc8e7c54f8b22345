import { z } from "zod";

/** An object that refuses what it does not know; `remedies` say more of some keys. Nothing is accepted and ignored. */
export function strict<T extends z.core.$ZodLooseShape>(
  shape: T,
  remedies: Record<string, string> = {},
) {
  return z.strictObject(shape, {
    // The keys themselves stand in the issue; who answers it makes a path of each.
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? (remedies[issue.keys[0] ?? ""] ?? "not a field here in this release; remove it")
        : undefined,
  });
}
