import { z } from "zod";
import { nameOf } from "../name.ts";
import { strictly } from "../strictly.ts";
import { MAX_ALLOWED_ORIGINS, MAX_ORGANIZATION_NAME_CHARS, MAX_ORIGIN_CHARS } from "./constants.ts";
import { originFault } from "./origin-fault.ts";

const Origin = z
  .string()
  .max(MAX_ORIGIN_CHARS)
  .superRefine((text, ctx) => {
    const fault = originFault(text);
    if (fault !== null) ctx.addIssue({ code: "custom", message: fault });
  });

const NOT_CHANGED = "cannot be changed";

/** What is left out stays as it is; `allowedOrigins` is replaced as a whole. */
export const UpdateOrganization = strictly(
  z
    .strictObject({
      name: nameOf(MAX_ORGANIZATION_NAME_CHARS).optional(),
      allowedOrigins: z.array(Origin).max(MAX_ALLOWED_ORIGINS).optional().meta({
        description: "Origins of pages that may use channels from a browser",
      }),
    })
    .meta({ id: "UpdateOrganization" }),
  { id: NOT_CHANGED, createdAt: NOT_CHANGED },
);
export type UpdateOrganization = z.infer<typeof UpdateOrganization>;

export const Organization = z
  .object({
    id: z.string(),
    name: z.string(),
    allowedOrigins: z.array(z.string()),
    createdAt: z.string(),
  })
  .meta({ id: "Organization" });
export type Organization = z.infer<typeof Organization>;
