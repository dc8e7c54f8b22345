import type { ChatContext } from "../chat/index.ts";

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
export async function readPresence(_ctx: ChatContext): Promise<PresenceList> {
  throw new Error("not built yet");
}
