import type { Language } from "./choose-language.ts";
import html from "./client/page.html";
import { DEMO_BODY, DEMO_PATH } from "./constants.ts";
import { fillMarkup } from "./fill-markup.ts";
import { TEXTS } from "./texts.ts";

export type PageView = {
  language: Language;
  /** True when a cookie gives the page access to the API; else it asks for a key. */
  hasAccess: boolean;
  /** True in a local session. */
  isLocal: boolean;
  /** Origin of the app host, for what is copied. */
  appUrl: string;
};

/** The page's HTML. Everything about events comes later, over the API: nothing in here is secret. */
export function renderPage({ language, hasAccess, isLocal, appUrl }: PageView): string {
  const { markup, script } = TEXTS[language];
  const values: Record<string, string> = {
    ...markup,
    language,
    otherLanguage: language === "ko" ? "en" : "ko",
    curl: demoCurl(appUrl),
    data: JSON.stringify({ language, hasAccess, isLocal, texts: script }),
  };
  return fillMarkup(html, values);
}

/** A request to paste into a shell. */
function demoCurl(appUrl: string): string {
  return `curl -X POST '${appUrl}${DEMO_PATH}' \\\n  -H 'content-type: application/json' \\\n  --data '${DEMO_BODY}'`;
}
