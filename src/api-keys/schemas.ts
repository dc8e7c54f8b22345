import { z } from "zod";
import { nameOf } from "../name.ts";

export const SCOPES = ["read", "write", "admin"] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

export const CreateApiKey = z.strictObject({
  name: nameOf(100),
  scopes: z.array(Scope).min(1).max(SCOPES.length),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(Scope),
  /** The key's last four characters. */
  hint: z.string(),
  createdAt: z.string(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The answer to a creation: the only time the key itself is shown. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
