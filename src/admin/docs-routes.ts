import { createRoute, z } from "@hono/zod-openapi";
import { toBase64 } from "../crypto.ts";
import { renderDocs } from "./docs-page.ts";
import type { Document } from "./document.ts";
import { jsonResponse } from "./openapi.ts";
import { createRouter } from "./router.ts";

const base = { tags: ["Reference"], security: [], method: "get" as const };

const openapi = createRoute({
  ...base,
  path: "/api/openapi.json",
  summary: "This description, OpenAPI 3.1",
  responses: { 200: jsonResponse(z.looseObject({ openapi: z.string() }), "The document") },
});

const docs = createRoute({
  ...base,
  path: "/api/docs",
  summary: "This description as a page",
  responses: {
    200: { description: "The page", content: { "text/html": { schema: z.string() } } },
  },
});

/** The reference as JSON and as a page; `describe` gives the document. */
export function createDocsRoutes(describe: () => Document) {
  return createRouter()
    .openapi(openapi, (c) => c.json({ ...describe(), servers: [{ url: c.env.APP_URL }] }, 200))
    .openapi(docs, (c) => {
      const nonce = toBase64(crypto.getRandomValues(new Uint8Array(16)));
      c.header("content-security-policy", contentSecurityPolicy(nonce));
      c.header("referrer-policy", "no-referrer");
      return c.html(renderDocs(describe(), c.env.APP_URL, nonce), 200);
    });
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
