import type { Context } from "../context.ts";
import { randomSecret, sha256Hex } from "../crypto.ts";
import { apiKeys } from "../db/schema/control.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { toRfc3339 } from "../time.ts";
import type { CreateApiKey, CreatedApiKey } from "./schemas.ts";

/** Makes an API key. The key is in the answer and nowhere else; the database keeps its SHA-256. */
export async function createApiKey(ctx: Context, input: CreateApiKey): Promise<CreatedApiKey> {
  const key = randomSecret("bt_");
  const now = Date.now();
  const row = {
    id: newId("apiKey", now),
    organizationId: ctx.organizationId,
    name: input.name,
    hash: await sha256Hex(key),
    hint: key.slice(-4),
    scopes: [...new Set(input.scopes)],
    createdAt: now,
  };
  const { id, name, hint, scopes } = row;
  const answer = { id, name, hint, scopes, createdAt: toRfc3339(now), key };
  return commitOnce(ctx, [ctx.db.insert(apiKeys).values(row)], answer);
}
