import { and, eq, gt, lte } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Context } from "./context.ts";
import { idempotencyKeys } from "./db/schema/control.ts";
import { refused } from "./errors.ts";
import { seal, unseal } from "./sealing.ts";

export const IDEMPOTENCY_WINDOW_MS = 24 * 60 * 60 * 1000;
export const MAX_IDEMPOTENCY_KEY_CHARS = 255;

/**
 * Writes to the control database and remembers the answer under the request's `Idempotency-Key`, in one batch:
 * either both are there or neither. Of two concurrent requests with one key the second gets the first's answer.
 */
export async function commitOnce<T>(
  ctx: Context,
  statements: BatchItem<"sqlite">[],
  answer: T,
): Promise<T> {
  const remember = ctx.idempotency ? await rememberStatements(ctx, ctx.idempotency, answer) : [];
  const [first, ...rest] = [...statements, ...remember];
  if (!first) return answer;
  try {
    await ctx.db.batch([first, ...rest]);
    return answer;
  } catch (error) {
    // The key is taken when another request with it won; every other failure stays one.
    const earlier = await findAnswer(ctx);
    if (earlier === undefined) throw error;
    return earlier as T;
  }
}

/** The first answer under this request's key, or undefined. 422 when the key was used for another request. */
export async function findAnswer(ctx: Context): Promise<unknown> {
  if (!ctx.idempotency) return undefined;
  const { key, requestHash } = ctx.idempotency;
  const row = await ctx.db
    .select()
    .from(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.organizationId, ctx.organizationId),
        eq(idempotencyKeys.key, key),
        gt(idempotencyKeys.createdAt, Date.now() - IDEMPOTENCY_WINDOW_MS),
      ),
    )
    .get();
  if (!row) return undefined;
  if (row.requestHash !== requestHash) {
    throw refused("Idempotency-Key", "was used for another request; use a new key");
  }
  return JSON.parse(
    await unseal(ctx.settings.masterKey, aadOf(ctx.organizationId, key), row.answer),
  );
}

/** Two statements: a key older than the window is free again; a fresh one makes the whole batch fail. */
async function rememberStatements(
  ctx: Context,
  { key, requestHash }: { key: string; requestHash: string },
  answer: unknown,
) {
  const now = Date.now();
  const aad = aadOf(ctx.organizationId, key);
  const sealed = await seal(ctx.settings.masterKey, aad, JSON.stringify(answer));
  return [
    ctx.db
      .delete(idempotencyKeys)
      .where(
        and(
          eq(idempotencyKeys.organizationId, ctx.organizationId),
          eq(idempotencyKeys.key, key),
          lte(idempotencyKeys.createdAt, now - IDEMPOTENCY_WINDOW_MS),
        ),
      ),
    ctx.db.insert(idempotencyKeys).values({
      organizationId: ctx.organizationId,
      key,
      requestHash,
      answer: sealed,
      createdAt: now,
    }),
  ] as const;
}

function aadOf(organizationId: string, key: string): string {
  return `idempotency:${organizationId}:${key}`;
}
