import type { Context } from "../context.ts";
import { randomSecret } from "../crypto.ts";
import { senders } from "../db/schema/control.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { hashKey, hashOwnKey, SENDER_KEY_PREFIX } from "../sender-key.ts";
import { getSourceInOrganization } from "../sources/index.ts";
import { MIN_HINTED_KEY_CHARS } from "./constants.ts";
import type { CreatedSender, CreateSender } from "./schemas.ts";
import { senderUrls } from "./sender-urls.ts";
import { toSender } from "./to-sender.ts";
import { assertKeyFree, assertNameFree, assertRoom, ifRoom, unlessTaken } from "./unless-taken.ts";

/** Makes a sender. Its key is in the answer and nowhere else. 409 when its name or its own key is taken. */
export async function createSender(
  ctx: Context,
  sourceId: string,
  input: CreateSender,
): Promise<CreatedSender> {
  const source = await getSourceInOrganization(ctx, sourceId);
  const key = input.key ?? randomSecret(SENDER_KEY_PREFIX);
  const keyHash = input.key === undefined ? await hashKey(key) : await hashOwnKey(sourceId, key);
  const now = Date.now();
  const row = {
    id: newId("sender", now),
    organizationId: ctx.organizationId,
    sourceId,
    name: input.name,
    keyHash,
    keyHint: key.length < MIN_HINTED_KEY_CHARS ? "" : key.slice(-4),
    match: input.match ?? null,
    state: input.state,
    phone: input.phone ?? null,
    createdAt: now,
    updatedAt: now,
  };
  const insert = ctx.db.insert(senders).values({
    ...row,
    name: unlessTaken(sourceId, row.id, row.name),
    state: ifRoom(sourceId, row.state),
  });
  const answer = { ...toSender(row), key, ...senderUrls(ctx.settings, source, key) };
  try {
    return await commitOnce(ctx, [insert], answer);
  } catch (error) {
    // A source that was deleted meanwhile is a 404, not a broken foreign key.
    await getSourceInOrganization(ctx, sourceId);
    await assertNameFree(ctx, sourceId, row.id, row.name);
    await assertKeyFree(ctx, keyHash);
    await assertRoom(ctx, sourceId);
    throw error;
  }
}
