import { and, eq, lt, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { chatConversations } from "../db/schema/chat.ts";
import { sources } from "../db/schema/control.ts";
import { findSource, type IngestSource } from "../ingest/index.ts";
import { log } from "../log.ts";
import { UNPUSHED_AFTER_MS, UNPUSHED_AT_ONCE, UNPUSHED_PAGE } from "./constants.ts";
import { eachAtOnce } from "./each-at-once.ts";
import { pushEntries } from "./push-entries.ts";
import { tellAbsent } from "./tell-absent.ts";

type JobDeps = Pick<Deps, "db" | "channels" | "shards" | "bodies" | "eventsQueue" | "settings">;

/**
 * Tells participants what they were not told, because whoever stored it was stopped or a channel failed. `conversations`:
 * how many were looked after; `unfinished`: in how many somebody still has to be told.
 */
export async function pushUnpushed(deps: JobDeps): Promise<Record<string, number>> {
  const { db } = deps;
  const late = await db
    .select({ id: chatConversations.id })
    .from(chatConversations)
    .where(
      and(
        // As the partial index says it.
        sql`pushed_seq < last_seq`,
        lt(chatConversations.lastAt, Date.now() - UNPUSHED_AFTER_MS),
      ),
    )
    // Those whose channels fail again and again must not be in the way of others.
    .orderBy(sql`random()`)
    .limit(UNPUSHED_PAGE);
  const waiting: Promise<unknown>[] = [];
  const withWait = { ...deps, waitUntil: (promise: Promise<unknown>) => waiting.push(promise) };
  let unfinished = 0;
  await eachAtOnce(late, UNPUSHED_AT_ONCE, async ({ id }) => {
    const pushed = await pushEntries(deps, id);
    if (!pushed?.told.isComplete) unfinished++;
    if (!pushed || pushed.told.absences.length === 0) return;
    const source = await findChatSource(deps, pushed.state.organizationId);
    if (source) await tellAbsent(withWait, source, pushed.state, pushed.told.absences);
  });
  await Promise.allSettled(waiting);
  return { conversations: late.length, unfinished };
}

/** Where the notices of an organization go when nobody's request says it: its oldest source of chat. Never throws. */
async function findChatSource(
  { db }: JobDeps,
  organizationId: string,
): Promise<IngestSource | null> {
  try {
    const row = await db
      .select({ slug: sources.slug })
      .from(sources)
      .where(
        and(
          eq(sources.organizationId, organizationId),
          eq(sources.preset, "chat"),
          eq(sources.enabled, true),
        ),
      )
      .orderBy(sources.createdAt)
      .get();
    return row ? await findSource(db, { kind: "slug", name: row.slug }) : null;
  } catch (error) {
    log.error("chat_source_not_found", { organizationId, error });
    return null;
  }
}
