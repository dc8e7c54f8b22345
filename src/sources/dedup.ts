import { z } from "zod";
import { refused } from "../errors.ts";
import type { SourcePreset } from "../source-preset.ts";
import {
  MAX_DEDUP_FROM_CHARS,
  MAX_DEDUP_WINDOW_SECONDS,
  PHONE_DEDUP_SECONDS,
} from "./constants.ts";

/** Which value of a request makes a second one with it a duplicate, and for how long. */
export const Dedup = z
  .strictObject({
    from: z
      .string()
      .max(MAX_DEDUP_FROM_CHARS)
      .regex(
        /^(body|sms|header:[!#$%&'*+.^_`|~0-9A-Za-z-]+|json:[^\p{Cc}\p{Cs}]+)$/u,
        "use `header:<name>`, `json:<path>` or `body`; `sms` at a phone's source",
      )
      .meta({
        description:
          "`header:<name>`, `json:<path>` or `body` (its SHA-256); with preset `phone` also `sms`: a message by its text, sender, id and time",
      }),
    windowSeconds: z.number().int().min(1).max(MAX_DEDUP_WINDOW_SECONDS),
  })
  .meta({ id: "Dedup" });
export type Dedup = z.infer<typeof Dedup>;

/** What a new source has when nothing is said: phones send again, and two automations fire for one message. */
export function defaultDedup(preset: SourcePreset): Dedup | null {
  return preset === "phone" ? { from: "sms", windowSeconds: PHONE_DEDUP_SECONDS } : null;
}

/** 422 for `sms` at a source that no phone calls. */
export function assertDedupFits(preset: SourcePreset, dedup: Dedup | null): void {
  if (dedup?.from !== "sms" || preset === "phone") return;
  throw refused(
    "dedup.from",
    "`sms` is for sources with preset `phone`; set that preset, or use `header:<name>`, `json:<path>` or `body`",
  );
}
