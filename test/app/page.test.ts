import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import type { Reason } from "../../src/destinations/index.ts";
import { pageRoutes } from "../../src/page/routes.ts";
import { TEXTS } from "../../src/page/texts.ts";

const APP_ENV = env as unknown as AppEnv;
const KEY = "bt_page-key-of-the-local-session";
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/** Through the whole Worker, as a browser would. */
function visit(path: string, headers: Record<string, string> = {}) {
  const request = new Request(`http://localhost:8787${path}`, { headers, redirect: "manual" });
  return exports.default.fetch(request);
}

/** The page with other variables than the Worker's own. */
function visitAs(url: string, vars: Record<string, string> = {}) {
  return pageRoutes.request(url, {}, { ...APP_ENV, ...vars });
}

describe("/", () => {
  it("leads to the dashboard", async () => {
    const response = await visit("/");
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/dashboard/");
  });
});

describe("/dashboard", () => {
  it.each(["/dashboard", "/dashboard/"])(
    "is one HTML page that nothing may embed or keep: %s",
    async (path) => {
      const response = await visit(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8$/i);
      expect(response.headers.get("content-security-policy")).toBe(CSP);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.text()).toContain("<title>Baton</title>");
    },
  );

  it("has no inline script and no inline style, which its policy would block", async () => {
    const html = await (await visit("/dashboard")).text();
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/assets/page.js">']);
  });

  it("names only files that exist", async () => {
    const html = await (await visit("/dashboard")).text();
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
      ([, file]) => file ?? "",
    );
    expect(files.toSorted()).toEqual(["/assets/kakao.css", "/assets/page.css", "/assets/page.js"]);
    for (const file of files) expect((await visit(file)).status).toBe(200);
  });

  it("has the demo request, ready to paste, for the app host", async () => {
    const html = await (
      await visitAs("http://localhost/dashboard", { APP_URL: "https://a.test" })
    ).text();
    expect(html).toContain("https://a.test/in/demo/card");
    expect(html).toContain("승인");
    expect(html).toContain('href="/api/docs"');
  });

  it("treats the app host's URL as text", async () => {
    const APP_URL = `https://a.test"><script>alert('1')</script>`;
    const html = await (await visitAs("http://localhost/dashboard", { APP_URL })).text();
    expect(html).not.toContain("<script>");
    expect(html).not.toContain("alert('1')");
  });
});

describe("language", () => {
  const table: [what: string, path: string, headers: Record<string, string>, language: string][] = [
    ["English when nothing is said", "", {}, "en"],
    ["the browser's", "", { "accept-language": "ko-KR,ko;q=0.9,en;q=0.8" }, "ko"],
    [
      "the browser's by weight, not by place",
      "",
      { "accept-language": "en;q=0.3, ko;q=0.7" },
      "ko",
    ],
    ["the first that we speak", "", { "accept-language": "fr-FR, ja, ko;q=0.5, en;q=0.4" }, "ko"],
    ["none that is weighed 0", "", { "accept-language": "ko;q=0" }, "en"],
    [
      "what can be read of a header that is nonsense",
      "",
      { "accept-language": ";;q=x,,ko-" },
      "ko",
    ],
    ["what is asked for, before the browser's", "?lang=en", { "accept-language": "ko" }, "en"],
    ["what is asked for, before what is remembered", "?lang=ko", { cookie: "baton_lang=en" }, "ko"],
    [
      "what is remembered, before the browser's",
      "",
      { cookie: "baton_lang=ko", "accept-language": "en" },
      "ko",
    ],
    ["not one that we do not speak", "?lang=fr", { "accept-language": "ko" }, "ko"],
    [
      "not one that is remembered wrongly",
      "",
      { cookie: "baton_lang=xx", "accept-language": "ko" },
      "ko",
    ],
  ];
  it.each(table)("is %s", async (_, query, headers, language) => {
    const response = await visit(`/dashboard${query}`, headers);
    const html = await response.text();
    expect(html).toContain(`<html lang="${language}"`);
    expect(response.headers.get("content-language")).toBe(language);
    expect(html).toContain(TEXTS[language as "en" | "ko"].markup.eventsTitle);
    expect(html).toContain(`href="?lang=${language === "en" ? "ko" : "en"}"`);
  });

  it("is remembered once it is asked for, and only then", async () => {
    const asked = await visit("/dashboard?lang=ko");
    expect(asked.headers.getSetCookie()).toEqual([
      "baton_lang=ko; Max-Age=31536000; Path=/dashboard; HttpOnly; SameSite=Lax",
    ]);
    expect((await visit("/dashboard")).headers.getSetCookie()).toEqual([]);
    expect((await visit("/dashboard?lang=xx")).headers.getSetCookie()).toEqual([]);
  });

  it("has the same placeholders in both", () => {
    const placeholders = (texts: unknown) =>
      JSON.stringify(texts)
        .match(/\{\w+\}/g)
        ?.toSorted();
    expect(placeholders(TEXTS.ko)).toEqual(placeholders(TEXTS.en));
  });
});

describe("access of the local session's page", () => {
  const LOCAL = { BASE_DOMAIN: "localhost", LOCAL_PAGE_KEY: KEY };
  const dataOf = (html: string) => {
    const attribute = /data-page="([^"]*)"/.exec(html)?.[1] ?? "";
    return JSON.parse(
      attribute.replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&#38;", "&"),
    );
  };

  it.each(["localhost:8787", "127.0.0.1:8787", "[::1]:8787", "app.localhost:8787", "localhost"])(
    "is a cookie for the APIs alone when it is opened as %s",
    async (host) => {
      const response = await visitAs(`http://${host}/dashboard`, LOCAL);
      expect(response.headers.getSetCookie()).toEqual([
        `baton_page=${KEY}; Path=/api; HttpOnly; SameSite=Strict`,
        `baton_page=${KEY}; Path=/dashboard/api; HttpOnly; SameSite=Strict`,
      ]);
      const html = await response.text();
      expect(html).not.toContain(KEY);
      expect(html).not.toContain("bt_page");
      expect(dataOf(html).hasAccess).toBe(true);
    },
  );

  it.each([
    "192.168.0.10:8787",
    "evil.example",
    "localhost.evil.example",
    "demo.localhost:8787",
    "app.localhost.evil.example",
    "127.0.0.2",
    "0.0.0.0:8787",
  ])("is not given when it is opened as %s", async (host) => {
    const response = await visitAs(`http://${host}/dashboard`, LOCAL);
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(dataOf(await response.text()).hasAccess).toBe(false);
  });

  it.each([
    ["there is no such key", { BASE_DOMAIN: "localhost" }],
    ["the key is empty", { BASE_DOMAIN: "localhost", LOCAL_PAGE_KEY: "" }],
    ["it is no local session", { BASE_DOMAIN: "example.com", LOCAL_PAGE_KEY: KEY }],
  ])("is not given when %s", async (_, vars) => {
    const response = await visitAs("http://localhost:8787/dashboard", vars);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(dataOf(await response.text()).hasAccess).toBe(false);
  });

  describe("the API", () => {
    beforeAll(async () => {
      const { DB } = APP_ENV;
      const hash = await sha256Hex(KEY);
      await DB.batch([
        DB.prepare(
          "INSERT INTO organizations (id, name, is_operator, created_at) VALUES ('org_page', 'Page', 0, 0)",
        ),
        DB.prepare(
          `INSERT INTO api_keys (id, organization_id, name, hash, hint, scopes, created_at)
           VALUES ('key_page', 'org_page', 'First page', ?, 'sion', '["read"]', 0)`,
        ).bind(hash),
      ]);
    });

    it("takes the cookie for reading", async () => {
      const response = await visit("/api/v1/sources", { cookie: `baton_page=${KEY}` });
      expect(response.status).toBe(200);
    });

    it("does not take it for writing", async () => {
      const response = await exports.default.fetch("http://localhost:8787/api/v1/sources", {
        method: "POST",
        headers: { cookie: `baton_page=${KEY}`, "content-type": "application/json" },
        body: '{"slug":"by-cookie"}',
      });
      expect(response.status).toBe(403);
    });
  });
});

describe("/assets", () => {
  it.each([
    ["page.css", "text/css; charset=utf-8"],
    ["page.js", "text/javascript; charset=utf-8"],
  ])("serves %s as %s", async (file, contentType) => {
    const response = await visit(`/assets/${file}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(contentType);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await response.text()).length).toBeGreaterThan(500);
  });

  it("serves every script that a script imports, and none puts HTML together from text", async () => {
    const seen = new Set<string>();
    const waiting = ["page.js"];
    for (let file = waiting.pop(); file; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const response = await visit(`/assets/${file}`);
      expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      const code = (await response.text()).replaceAll(/\/\/.*$/gm, "");
      expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
      for (const [, imported] of code.matchAll(/from "\.\/([^"]+)"/g)) waiting.push(imported ?? "");
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  it.each([
    "/assets/nothing.js",
    "/assets/__proto__",
    "/assets/",
    "/assets/a/b.js",
    "/assets/..%2fpage.js",
  ])("answers 404 with a problem for %s", async (path) => {
    const response = await visit(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  });
});

describe("the page's texts", () => {
  it("say every reason of a failed delivery in words", () => {
    // A new reason does not compile until it stands here, and fails until it has its words.
    const reasons = Object.keys({
      http_status: true,
      redirect: true,
      gone: true,
      timeout: true,
      connection_failed: true,
      connection_refused: true,
      rate_limited: true,
      rejected: true,
      invalid_payload: true,
      no_recipient: true,
      daily_cap: true,
      unresolved: true,
      storage_failed: true,
      unsendable_request: true,
      blocked_url: true,
      body_missing: true,
      transform_failed: true,
      invalid_config: true,
      internal_error: true,
      interrupted: true,
    } satisfies Record<Reason, true>);
    expect(Object.keys(TEXTS.en.script.reasons)).toEqual(expect.arrayContaining(reasons));
  });
});
