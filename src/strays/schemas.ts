import { z } from "zod";

/** A request that became no event. */
export const Stray = z
  .object({
    id: z.string(),
    host: z.string(),
    method: z.string(),
    path: z.string(),
    query: z.string(),
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .meta({ description: "Values of credentials are masked" }),
    size: z.number().int().meta({ description: "Body length in bytes, as far as it is known" }),
    ip: z.string().nullable(),
    reason: z.string().meta({
      description:
        "`unknown_source`, `source_disabled`, `source_deleted`, `verification_failed`, `unknown_sender`, `sender_required`",
    }),
    receivedAt: z.string(),
  })
  .meta({ id: "Stray" });
export type Stray = z.infer<typeof Stray>;
