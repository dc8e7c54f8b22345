import { and, asc, eq, gt, gte, inArray, or, sql } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import { MESSAGES_AT_A_TIME } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { MessageRow } from "./event-frames.ts";

type Ctx = Pick<KakaoDeps, "db" | "kakao">;
const { accountId, id, status, createdAt } = kakaoMessages;

/** An account's messages that no agent has taken, oldest first, without those that have waited too long. */
export async function* readQueued(ctx: Ctx, account: string): AsyncGenerator<MessageRow> {
  const oldest = Date.now() - ctx.kakao.queueTtlMs;
  yield* readPages((after) =>
    ctx.db
      .select()
      .from(kakaoMessages)
      .where(
        and(
          eq(accountId, account),
          // Literal for the partial index.
          sql`status = 'queued'`,
          gt(createdAt, oldest),
          after && isAfter(after),
        ),
      )
      .orderBy(asc(createdAt), asc(id))
      .limit(MESSAGES_AT_A_TIME),
  );
}

/** Messages since a time that some agent has taken, oldest first. */
export async function* readDelivered(
  ctx: Ctx,
  account: string,
  since: number,
): AsyncGenerator<MessageRow> {
  yield* readPages((after) =>
    ctx.db
      .select()
      .from(kakaoMessages)
      .where(
        and(
          eq(accountId, account),
          eq(status, "delivered"),
          gte(createdAt, since),
          after && isAfter(after),
        ),
      )
      .orderBy(asc(createdAt), asc(id))
      .limit(MESSAGES_AT_A_TIME),
  );
}

/** Messages by their ids, unless they have waited too long, oldest first. */
export async function readNamed(
  ctx: Ctx,
  account: string,
  ids: readonly string[],
): Promise<MessageRow[]> {
  return await ctx.db
    .select()
    .from(kakaoMessages)
    .where(
      and(
        eq(accountId, account),
        inArray(id, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
        inArray(status, ["queued", "delivered"]),
      ),
    )
    .orderBy(asc(createdAt), asc(id));
}

/** An agent has taken them. */
export async function markDelivered(
  { db }: Pick<KakaoDeps, "db">,
  ids: readonly string[],
): Promise<void> {
  await db
    .update(kakaoMessages)
    .set({ status: "delivered", deliveredAt: Date.now() })
    .where(
      and(
        inArray(id, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
        eq(status, "queued"),
      ),
    );
}

function isAfter(row: MessageRow) {
  return or(gt(createdAt, row.createdAt), and(eq(createdAt, row.createdAt), gt(id, row.id)));
}

async function* readPages(
  read: (after: MessageRow | undefined) => Promise<MessageRow[]>,
): AsyncGenerator<MessageRow> {
  let after: MessageRow | undefined;
  for (;;) {
    const rows = await read(after);
    yield* rows;
    after = rows.at(-1);
    if (rows.length < MESSAGES_AT_A_TIME) return;
  }
}
