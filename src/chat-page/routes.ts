import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { getPath } from "hono/utils/url";
import { type AdminEnv, createRouter, PAGE_COOKIE } from "../admin/index.ts";
import { findChatSource, readChatPath } from "../chat-rest/index.ts";
import { readSettings } from "../context.ts";
import { openControl } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import {
  ASSET_HEADERS,
  chooseLanguage,
  LANGUAGE_COOKIE,
  LANGUAGE_COOKIE_SECONDS,
  localPageKey,
  PAGE_HEADERS,
  readLanguage,
} from "../page/index.ts";
import { CHAT_ASSETS } from "./assets.ts";
import { renderChatPage } from "./render-chat-page.ts";

const base = { method: "get" as const, tags: ["Chat page"] };

const page = createRoute({
  ...base,
  path: "/chat/",
  summary: "A page to chat in; also `/chat/{slug}/`",
  description: "Who opens it gives a chat token behind `#token=`.",
  request: {
    query: z.object({
      lang: z.string().optional().meta({ description: "`en` or `ko`; remembered by a cookie" }),
    }),
  },
  responses: {
    200: { description: "The page", content: { "text/html": { schema: z.string() } } },
    404: { description: "There is no such chat" },
  },
});

const asset = createRoute({
  ...base,
  path: "/chat/assets/{file}",
  summary: "A file of the chat page",
  request: { params: z.object({ file: z.string() }) },
  responses: {
    200: {
      description: "The file",
      content: {
        "text/javascript": { schema: z.string() },
        "text/css": { schema: z.string() },
      },
    },
    404: { description: "There is no such file" },
  },
});

/** The small page to chat in. Mounted before chat's own calls, whose errors are lines of text. */
export const chatPageRoutes = createRouter()
  .openapi(page, (c) => servePage(c, c.req.valid("query").lang))
  .openapi(asset, (c) => {
    const { file } = c.req.valid("param");
    const found = CHAT_ASSETS.get(file);
    if (!found) throw new BatonError("not_found", `There is no /chat/assets/${file}.`);
    return c.body(found.text, 200, { ...ASSET_HEADERS, "content-type": found.contentType });
  });

async function servePage(c: Context<AdminEnv>, asked: string | undefined) {
  const { slug } = readChatPath(getPath(c.req.raw));
  const deps = { db: openControl(c.env.DB), settings: readSettings(c.env) };
  // Whatever stands there in the place of a slug would else look like a chat.
  if (slug !== null) await findChatSource(deps, slug, "");
  const env = c.env as AppEnv & { LOCAL_PAGE_KEY?: string };
  const key = localPageKey(env, new URL(c.req.url).hostname);
  if (key) setCookie(c, PAGE_COOKIE, key, { path: "/api", httpOnly: true, sameSite: "Strict" });
  const language = chooseLanguage({
    asked,
    remembered: getCookie(c, LANGUAGE_COOKIE),
    accepted: c.req.header("accept-language"),
  });
  if (readLanguage(asked)) {
    setCookie(c, LANGUAGE_COOKIE, language, {
      path: "/chat",
      maxAge: LANGUAGE_COOKIE_SECONDS,
      sameSite: "Lax",
      httpOnly: true,
    });
  }
  const hasAccess = key !== undefined;
  const html = renderChatPage({
    language,
    hasAccess,
    base: slug === null ? "/chat" : `/chat/${slug}`,
  });
  return c.html(html, 200, { ...PAGE_HEADERS, "content-language": language });
}
