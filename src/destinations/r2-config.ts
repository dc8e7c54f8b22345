import { z } from "zod";
import { strict } from "../strict.ts";
import { MAX_ARCHIVE_PREFIX_CHARS } from "./constants.ts";

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

export const R2Config = strict({
  prefix: z
    .string()
    .max(MAX_ARCHIVE_PREFIX_CHARS)
    .overwrite((text) => text.replace(/^\/+|\/+$/g, ""))
    .refine((text) => text !== "" && text.split("/").every((part) => SEGMENT.test(part)), {
      error: "use letters, digits, `-`, `_` and `.`, folders parted by `/`, e.g. `orders/paid`",
    })
    .meta({ description: "Folder of the objects: `archive/<organization>/<prefix>/YYYY/MM/DD/…`" }),
});
export type R2Config = z.infer<typeof R2Config>;
