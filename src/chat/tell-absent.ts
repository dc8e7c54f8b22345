import { sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { type IngestSource, storeForSource } from "../ingest/index.ts";
import { log } from "../log.ts";
import { toRfc3339 } from "../time.ts";
import {
  CHANNELS_AT_ONCE,
  MAX_NOTICE_AGE_MS,
  MAX_NOTICES,
  MAX_UNREAD,
  NOTICE_WINDOW_MS,
} from "./constants.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { Entry } from "./entries.ts";
import type { PushState } from "./push-state.ts";
import type { Absence } from "./tell-recipients.ts";
import type { ChatUser } from "./types.ts";

/** As rules see every notice. */
const EVENT_PATH = "/chat/offline";

type NoticeDeps = Pick<Deps, "db" | "shards" | "bodies" | "eventsQueue" | "settings"> & {
  waitUntil: (promise: Promise<unknown>) => void;
  /** Whose call it is, if it is anybody's: their name may be known by their token alone. */
  user?: Pick<ChatUser, "id" | "name">;
};

type Conversation = Pick<PushState, "conversationId" | "title" | "isGroup">;

/** What is known of a message's sender, and of a recipient who has neither muted the conversation nor blocked them. */
type Facts = {
  userId: string;
  senderId: string;
  userName: string | null;
  senderName: string | null;
  unread: number;
};

/**
 * Makes an event of the source for each message that a recipient was told of while they had no connection. Never throws:
 * a notice that cannot be stored is none.
 */
export async function tellAbsent(
  deps: NoticeDeps,
  source: IngestSource,
  state: Conversation,
  absences: readonly Absence[],
): Promise<void> {
  const wanted = absences.filter(isWanted).slice(-MAX_NOTICES);
  if (wanted.length === 0) return;
  try {
    const facts = await findFacts(deps, state, wanted);
    await eachAtOnce(wanted, CHANNELS_AT_ONCE, async ({ userId, entry }) => {
      const known = facts.get(factsKey(userId, entry.userId));
      if (known) await store(deps, source, state, entry, known);
    });
  } catch (error) {
    log.error("chat_notices_not_made", { conversationId: state.conversationId, error });
  }
}

function isWanted({ userId, entry }: Absence): boolean {
  const isMessage = entry.kind === "message" && entry.deletedAt === null;
  return isMessage && entry.userId !== userId && entry.at > Date.now() - MAX_NOTICE_AGE_MS;
}

async function findFacts(
  { db }: NoticeDeps,
  { conversationId }: Conversation,
  wanted: readonly Absence[],
): Promise<Map<string, Facts>> {
  const pairs = new Set(wanted.map(({ userId, entry }) => factsKey(userId, entry.userId)));
  // Raw: pairs of users from one parameter, since a statement has no more than 100.
  const rows = await db.all<Facts>(sql`
    SELECT p.user_id AS userId, w.value ->> 1 AS senderId, u.name AS userName, s.name AS senderName,
      (SELECT count(*) FROM (
        SELECT 1 FROM chat_entries n
        WHERE n.conversation_id = p.conversation_id AND n.seq > p.last_read_seq AND n.kind = 'message'
          AND n.user_id <> p.user_id AND n.deleted_at IS NULL
        LIMIT ${MAX_UNREAD})) AS unread
    FROM json_each(${`[${[...pairs].join(",")}]`}) w
    JOIN chat_participants p ON p.conversation_id = ${conversationId} AND p.user_id = w.value ->> 0
    LEFT JOIN chat_users u ON u.organization_id = p.organization_id AND u.user_id = p.user_id
    LEFT JOIN chat_users s ON s.organization_id = p.organization_id AND s.user_id = w.value ->> 1
    WHERE p.is_muted = 0 AND NOT EXISTS (
      SELECT 1 FROM chat_blocks b
      WHERE b.organization_id = p.organization_id AND b.user_id = p.user_id AND b.blocked_id = w.value ->> 1)`);
  return new Map(rows.map((row) => [factsKey(row.userId, row.senderId), row]));
}

function factsKey(userId: string, senderId: string): string {
  return JSON.stringify([userId, senderId]);
}

async function store(
  deps: NoticeDeps,
  source: IngestSource,
  { conversationId, title, isGroup }: Conversation,
  entry: Entry,
  { userId, userName, senderId, senderName, unread }: Facts,
): Promise<void> {
  const name = senderName || (deps.user?.id === senderId ? deps.user.name : "");
  const notice = {
    type: "chat.offline",
    userId,
    userName: userName ?? "",
    conversationId,
    conversationTitle: title,
    isGroup,
    messageId: entry.id,
    senderId,
    senderName: name,
    content: entry.content,
    sentAt: toRfc3339(entry.at),
    unread,
  };
  const body = new Uint8Array(new TextEncoder().encode(JSON.stringify(notice)));
  const url = new URL(EVENT_PATH, deps.settings.appUrl);
  const headers = { "content-type": "application/json" };
  const request = new Request(url, { method: "POST", headers });
  const once = { value: `chat offline ${entry.id} ${userId}`, windowMs: NOTICE_WINDOW_MS };
  try {
    const taken = { request, path: EVENT_PATH, body, senderName: name || senderId, once };
    await storeForSource(deps, source, taken);
  } catch (error) {
    log.error("chat_notice_not_stored", { sourceId: source.id, messageId: entry.id, error });
  }
}
