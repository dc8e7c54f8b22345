import { and, eq } from "drizzle-orm";
import type { ChatContext } from "../chat/index.ts";
import { type ChatPage, chatUsers } from "../db/schema/chat.ts";
import { SEEN_WITHIN_MS } from "./constants.ts";
import { domainOf } from "./domain-of.ts";
import { inTurns } from "./in-turns.ts";
import { type Friend, selectFriends } from "./select-friends.ts";
import { countConnections } from "./topics.ts";

/** What somebody looks at; `url` and `title` are "" when they hide it, `domain` is the registrable one. */
export type PresencePage = { url: string; title: string; domain: string };
/** `page`: null for one who is away. `latestPage`: the last one that was not hidden. */
export type Presence = {
  userId: string;
  page: PresencePage | null;
  latestPage: PresencePage | null;
};
/** The body of `GET /chat/presence`. */
export type PresenceList = {
  userPresence: Presence;
  presenceArr: Presence[];
  userInfoMap: Record<
    string,
    { user_id: string; first_name: string; last_name: string; profile_image_extension: null }
  >;
};

/** Where the user and their friends are. */
export async function readPresence(ctx: ChatContext): Promise<PresenceList> {
  const [own, friends] = await Promise.all([selectSelf(ctx), selectFriends(ctx)]);
  const all = [own, ...friends];
  const [userPresence, ...presenceArr] = await inTurns(all, (one) => presenceOf(ctx, one));
  return {
    userPresence: userPresence ?? { userId: ctx.user.id, page: null, latestPage: null },
    presenceArr,
    userInfoMap: Object.fromEntries(all.map((one) => [one.userId, infoOf(one)])),
  };
}

async function presenceOf(ctx: ChatContext, user: Friend): Promise<Presence> {
  const { userId, latestPage } = user;
  const page = await findPage(ctx, user);
  return {
    userId,
    page: page && pageOf(page),
    latestPage: latestPage && pageOf(latestPage),
  };
}

/**
 * What a user looks at, both texts "" when that is hidden; null: they are away. Somebody who was not seen for so long has
 * no connection: they need not be asked.
 */
export async function findPage(
  ctx: ChatContext,
  { userId, lastSeenAt, page }: Pick<Friend, "userId" | "lastSeenAt" | "page">,
): Promise<ChatPage | null> {
  if (lastSeenAt <= Date.now() - SEEN_WITHIN_MS) return null;
  const { chat, presence } = await countConnections(ctx, userId);
  // A connection that was lost may have left its page behind.
  if (presence > 0 && page) return page;
  return chat + presence > 0 ? { url: "", title: "" } : null;
}

export async function selectSelf({ db, user }: ChatContext): Promise<Friend> {
  const { organizationId, id: userId } = user;
  const [row] = await db
    .select({
      lastSeenAt: chatUsers.lastSeenAt,
      page: chatUsers.page,
      latestPage: chatUsers.latestPage,
      name: chatUsers.name,
    })
    .from(chatUsers)
    .where(and(eq(chatUsers.organizationId, organizationId), eq(chatUsers.userId, userId)));
  return row
    ? { userId, ...row }
    : { userId, name: user.name, lastSeenAt: 0, page: null, latestPage: null };
}

function pageOf({ url, title }: ChatPage): PresencePage {
  return { url, title, domain: domainOf(url) };
}

/** Tokens say one name; these clients show the first and the last one behind each other. */
function infoOf({ userId, name }: Friend) {
  return { user_id: userId, first_name: name, last_name: "", profile_image_extension: null };
}
