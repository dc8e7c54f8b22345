import { MAX_CONTENT_CHARS } from "../chat/index.ts";
import { fillMarkup, type Language } from "../page/index.ts";
import html from "./client/chat.html";
import { CHAT_TEXTS } from "./texts.ts";

export type ChatPageView = {
  language: Language;
  /** True when a cookie lets the page make tokens: who opens it chooses who they are. */
  hasAccess: boolean;
  /** `/chat`, or `/chat/<slug>`. */
  base: string;
};

/** The page's HTML. What is said comes later, to whom a token is of: nothing in here is secret. */
export function renderChatPage({ language, hasAccess, base }: ChatPageView): string {
  const { markup, script } = CHAT_TEXTS[language];
  return fillMarkup(html, {
    ...markup,
    language,
    otherLanguage: language === "ko" ? "en" : "ko",
    maxContent: String(MAX_CONTENT_CHARS[2]),
    data: JSON.stringify({ language, hasAccess, base, texts: script }),
  });
}
