import type { ChatPage } from "../db/schema/chat.ts";
import { domainOf } from "./domain-of.ts";

/** What presence connections are told of a user who is here. Null: hidden, or none. */
export function updateFrame(userId: string, page: ChatPage | null, latest: ChatPage | null) {
  const { url = "", title = "" } = page ?? {};
  const { url: latestUrl = "", title: latestTitle = "" } = latest ?? {};
  const domain = domainOf(url);
  const latestDomain = domainOf(latestUrl);
  return {
    type: "update-presence",
    userId,
    url,
    title,
    domain,
    latestUrl,
    latestTitle,
    latestDomain,
  };
}
