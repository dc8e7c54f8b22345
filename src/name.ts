import { z } from "zod";

/** A name that people give to a thing: shown in lists, logs and terminals, so without control characters. */
export function nameOf(maxChars: number) {
  return z
    .string()
    .max(maxChars)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has a control character; remove it")
    .regex(/\S/, "is blank; write a name");
}
