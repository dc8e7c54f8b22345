import type { ChatContext } from "../chat/index.ts";

/** The page that a friend looks at; null: they are away. Throws `not_allowed` for one who is no friend. */
export async function readPresenceOf(
  _ctx: ChatContext,
  _userId: string,
): Promise<{ url: string; title: string } | null> {
  throw new Error("not built yet");
}
