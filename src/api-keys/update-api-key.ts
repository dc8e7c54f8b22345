import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { apiKeys } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import type { ApiKey, UpdateApiKey } from "./schemas.ts";
import { toApiKey } from "./to-api-key.ts";

/** Renames a key. Its scopes stay: whoever holds it was given these, and another key gives others. */
export async function updateApiKey(ctx: Context, id: string, input: UpdateApiKey): Promise<ApiKey> {
  const row = await ctx.db
    .update(apiKeys)
    .set({ name: input.name })
    .where(and(eq(apiKeys.id, id), eq(apiKeys.organizationId, ctx.organizationId)))
    .returning()
    .get();
  if (!row) throw notFound("API key", id);
  return toApiKey(row);
}
