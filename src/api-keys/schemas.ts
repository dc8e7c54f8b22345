import { z } from "zod";
import { nameOf } from "../name.ts";
import { strictly } from "../strictly.ts";

export const SCOPES = ["read", "write", "admin"] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

export const CreateApiKey = z.strictObject({
  name: nameOf(100),
  scopes: z.array(Scope).min(1).max(SCOPES.length),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

const ONLY_NAME = "cannot be changed; create another key with it and delete this one";

export const UpdateApiKey = strictly(
  z.strictObject({ name: nameOf(100) }).meta({ id: "UpdateApiKey" }),
  { scopes: ONLY_NAME, key: ONLY_NAME },
);
export type UpdateApiKey = z.infer<typeof UpdateApiKey>;

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
