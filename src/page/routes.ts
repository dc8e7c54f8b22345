import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { type AdminEnv, createRouter, PAGE_COOKIE } from "../admin/index.ts";
import { BatonError } from "../errors.ts";
import { ASSETS } from "./assets.ts";
import { chooseLanguage, readLanguage } from "./choose-language.ts";
import { LANGUAGE_COOKIE, LANGUAGE_COOKIE_SECONDS } from "./constants.ts";
import { localPageKey } from "./local-page-key.ts";
import { ASSET_HEADERS, PAGE_HEADERS } from "./page-headers.ts";
import { renderPage } from "./render-page.ts";

const base = { method: "get" as const, tags: ["First page"] };

const home = createRoute({
  ...base,
  path: "/",
  summary: "Leads to the first page",
  responses: { 302: { description: "To `/dashboard/`" } },
});

const page = createRoute({
  ...base,
  path: "/dashboard",
  summary: "The first page: status, and the latest events with their deliveries",
  request: {
    query: z.object({
      lang: z.string().optional().meta({ description: "`en` or `ko`; remembered by a cookie" }),
    }),
  },
  responses: {
    200: { description: "The page", content: { "text/html": { schema: z.string() } } },
  },
});
const pageWithSlash = createRoute({ ...page, path: "/dashboard/", hide: true });

const asset = createRoute({
  ...base,
  path: "/assets/{file}",
  summary: "A file of the first page",
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

/** The first page. It stays until the dashboard replaces it. */
export const pageRoutes = createRouter()
  .openapi(home, (c) => c.redirect("/dashboard/", 302))
  .openapi(page, (c) => servePage(c, c.req.valid("query").lang))
  .openapi(pageWithSlash, (c) => servePage(c, c.req.valid("query").lang))
  .openapi(asset, (c) => {
    const { file } = c.req.valid("param");
    const found = ASSETS.get(file);
    if (!found) throw new BatonError("not_found", `There is no /assets/${file}.`);
    return c.body(found.text, 200, { ...ASSET_HEADERS, "content-type": found.contentType });
  });

function servePage(c: Context<AdminEnv>, asked: string | undefined) {
  const key = localPageKey(c.env as AppEnv & { LOCAL_PAGE_KEY?: string }, hostnameOf(c.req.url));
  for (const path of key ? ["/api", "/dashboard/api"] : []) {
    setCookie(c, PAGE_COOKIE, key ?? "", { path, httpOnly: true, sameSite: "Strict" });
  }
  const language = chooseLanguage({
    asked,
    remembered: getCookie(c, LANGUAGE_COOKIE),
    accepted: c.req.header("accept-language"),
  });
  if (readLanguage(asked)) {
    setCookie(c, LANGUAGE_COOKIE, language, {
      path: "/dashboard",
      maxAge: LANGUAGE_COOKIE_SECONDS,
      sameSite: "Lax",
      httpOnly: true,
    });
  }
  const html = renderPage({
    language,
    hasAccess: key !== undefined,
    isLocal: c.env.BASE_DOMAIN === "localhost",
    appUrl: c.env.APP_URL,
  });
  return c.html(html, 200, { ...PAGE_HEADERS, "content-language": language });
}

function hostnameOf(url: string): string {
  return new URL(url).hostname;
}
