import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { chatPageRoutes } from "../../src/chat-page/routes.ts";
import { CHAT_TEXTS } from "../../src/chat-page/texts.ts";
import { type ChatTenant, callChat, callChatWith, makeChat } from "./chat-callers.ts";
import { addKey, bindings } from "./support.ts";

let tenant: ChatTenant;
/** A session's page has a key that may only read. */
let pageKey: string;

beforeAll(async () => {
  tenant = await makeChat("talk");
  pageKey = await addKey(tenant.organizationId, ["read"]);
});

function visit(path: string, headers: Record<string, string> = {}) {
  return exports.default.fetch(new Request(`http://localhost:8787${path}`, { headers }));
}

const dataOf = (html: string) => {
  const attribute = /data-page="([^"]*)"/.exec(html)?.[1] ?? "";
  return JSON.parse(attribute.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code)));
};

describe("the chat page", () => {
  it.each([
    ["/chat", "/chat"],
    ["/chat/", "/chat"],
    ["/chat/talk", "/chat/talk"],
    ["/chat/talk/?lang=ko", "/chat/talk"],
  ])("%s is a page that nothing may embed or keep, and that calls %s", async (path, base) => {
    const response = await visit(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    const html = await response.text();
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    expect(dataOf(html)).toMatchObject({ base, hasAccess: false });
  });

  it("is 404 for a chat that there is not", async () => {
    expect((await visit("/chat/nobody/")).status).toBe(404);
  });

  it("loads files that exist, and none of them puts HTML together from text", async () => {
    const html = await (await visit("/chat/")).text();
    const waiting = [...html.matchAll(/(?:src|href)="(\/chat\/assets\/[^"]+)"/g)].map(
      ([, file = ""]) => file,
    );
    expect(waiting).toHaveLength(3);
    const seen = new Set<string>();
    for (let file = waiting.pop(); file; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const response = await visit(file);
      expect([file, response.status]).toEqual([file, 200]);
      expect(response.headers.get("content-type")).toMatch(
        /^text\/(css|javascript); charset=utf-8$/,
      );
      const code = (await response.text()).replaceAll(/\/\/.*$/gm, "");
      expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
      for (const [, name] of code.matchAll(/from "\.\/([^"]+)"/g))
        waiting.push(`/chat/assets/${name}`);
    }
    expect(seen.size).toBeGreaterThan(10);
    expect((await visit("/chat/assets/details.js")).status).toBe(404);
    expect((await visit("/chat/assets/__proto__")).status).toBe(404);
  });

  it("speaks the language that is asked for, and remembers it", async () => {
    const asked = await visit("/chat/?lang=ko");
    expect(await asked.text()).toContain(CHAT_TEXTS.ko.markup.listTitle);
    expect(asked.headers.getSetCookie()).toEqual([
      "baton_lang=ko; Max-Age=31536000; Path=/chat; HttpOnly; SameSite=Lax",
    ]);
    const later = await visit("/chat/", { cookie: "baton_lang=ko", "accept-language": "en" });
    expect(later.headers.get("content-language")).toBe("ko");
    expect((await visit("/chat/")).headers.get("content-language")).toBe("en");
  });

  it("has the same placeholders in both languages", () => {
    const placeholders = (texts: unknown) =>
      JSON.stringify(texts)
        .match(/\{\w+\}/g)
        ?.toSorted();
    expect(placeholders(CHAT_TEXTS.ko)).toEqual(placeholders(CHAT_TEXTS.en));
  });
});

describe("who opens the page of a local session", () => {
  const cookieOf = async (url: string, vars: object) => {
    const response = await chatPageRoutes.request(url, {}, { ...bindings, ...vars });
    const { hasAccess } = dataOf(await response.text());
    return [hasAccess, response.headers.getSetCookie()];
  };

  it("gets a cookie for the API, by a loopback name alone", async () => {
    const local = { LOCAL_PAGE_KEY: pageKey };
    expect(await cookieOf("http://localhost:8787/chat/", local)).toEqual([
      true,
      [`baton_page=${pageKey}; Path=/api; HttpOnly; SameSite=Strict`],
    ]);
    expect(await cookieOf("http://192.168.0.9:8787/chat/", local)).toEqual([false, []]);
    const elsewhere = { ...local, BASE_DOMAIN: "example.com" };
    expect(await cookieOf("http://localhost:8787/chat/", elsewhere)).toEqual([false, []]);
  });

  it("may make a token with it for whoever they want to be, and nothing else", async () => {
    const make = (vars: object, key = pageKey, path = "/api/v1/chat/tokens") =>
      callChatWith(
        vars,
        "POST",
        path,
        { userId: "ann", name: "Ann" },
        { cookie: `baton_page=${key}`, "content-type": "application/json" },
      );
    const made = await make({ LOCAL_PAGE_KEY: pageKey });
    expect(made.status).toBe(201);
    const authorization = String(made.json.token);
    const me = await callChat("GET", "/chat/talk/me", undefined, { authorization });
    expect(me.json).toMatchObject({ userId: "ann", name: "Ann" });
    expect((await make({ LOCAL_PAGE_KEY: pageKey }, pageKey, "/api/v1/sources")).status).toBe(403);
    expect((await make({})).status).toBe(403);
    expect((await make({ BASE_DOMAIN: "example.com", LOCAL_PAGE_KEY: pageKey })).status).toBe(403);
    const other = await addKey(tenant.organizationId, ["read"]);
    expect((await make({ LOCAL_PAGE_KEY: pageKey }, other)).status).toBe(403);
  });
});
