import { z } from "zod";
import { MAX_DEDUP_FROM_CHARS, MAX_DEDUP_WINDOW_SECONDS } from "./constants.ts";

/** Which value of a request makes a second one with it a duplicate, and for how long. */
export const Dedup = z
  .strictObject({
    from: z
      .string()
      .max(MAX_DEDUP_FROM_CHARS)
      .regex(
        /^(body|header:[!#$%&'*+.^_`|~0-9A-Za-z-]+|json:[^\p{Cc}\p{Cs}]+)$/u,
        "use `header:<name>`, `json:<path>` or `body`",
      )
      .meta({ description: "`header:<name>`, `json:<path>` or `body` (its SHA-256)" }),
    windowSeconds: z.number().int().min(1).max(MAX_DEDUP_WINDOW_SECONDS),
  })
  .meta({ id: "Dedup" });
