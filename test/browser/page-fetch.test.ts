import { expect, it } from "vitest";
import type { PageAnswer, PageRequest } from "../../src/portal-browser/index.ts";
import { createLoginBrowser, createPageBrowser } from "../../src/portal-browser/index.ts";
import { env, hits, killBrowser, loginInput, OTHER, phases, SITE } from "./login-support.ts";

const page = createPageBrowser(env.BROWSER);

/** A session of the two origins, made by a real login. */
async function openSession(more: Record<string, unknown> = {}) {
  const input = loginInput("plain", { origins: [SITE, OTHER], ...more });
  const outcome = await createLoginBrowser(env.BROWSER).begin(input, phases().on);
  if (outcome.kind !== "in") throw new Error(outcome.kind);
  return { definition: input.definition, snapshot: outcome.snapshot };
}

function get(path: string, more: Partial<PageRequest> = {}): PageRequest {
  const url = path.startsWith("http") ? path : `${SITE}${path}`;
  return { method: "GET", url, headers: {}, body: null, timeoutMs: 5_000, ...more };
}

function expectAnswer(answer: PageAnswer) {
  if (answer.kind !== "answered") throw new Error(JSON.stringify(answer));
  const text = () => new TextDecoder().decode(answer.body);
  return { ...answer, json: () => JSON.parse(text()) as Record<string, Record<string, string>> };
}

it("requests go out from a page with the session's cookies, and the browser is used again", async () => {
  const session = await openSession();
  const body = new Uint8Array(new TextEncoder().encode("é"));
  const headers = { "x-center": "7", "content-type": "text/plain" };
  const request = get("/fetch/echo?status=401", { method: "POST", body, headers });
  const first = expectAnswer(await page.send({ ...session, browserId: null, request }));
  expect(first.status).toBe(401);
  expect(first.json()).toMatchObject({
    method: "POST",
    headers: { "x-center": "7", cookie: expect.stringContaining("sid=s-1"), origin: SITE },
    body: "é",
  });
  expect(first.headers).toContainEqual(["content-type", "text/html; charset=utf-8"]);
  expect(first.headers.map(([name]) => name)).not.toContain("content-length");

  const second = expectAnswer(
    await page.send({ ...session, browserId: first.browserId, request: get("/fetch/echo") }),
  );
  expect(second).toMatchObject({ browserId: first.browserId, status: 200, snapshot: null });
  // Several at once take their turns in the one page.
  const many = await Promise.all(
    ["a", "b", "c"].map((name) =>
      page.send({ ...session, browserId: first.browserId, request: get(`/fetch/echo?${name}`) }),
    ),
  );
  expect(many.map((each) => expectAnswer(each).url)).toEqual(
    ["a", "b", "c"].map((name) => `${SITE}/fetch/echo?${name}`),
  );
  // Nothing but the requests was asked of the site.
  expect((await hits()).filter((hit) => hit === `GET ${SITE}/`)).toEqual([]);
  await page.discard(first.browserId);
});

it("bodies are bytes, cookies that an answer sets come back, and the newest ones go out", async () => {
  const session = await openSession();
  const bytes = expectAnswer(
    await page.send({ ...session, browserId: null, request: get("/fetch/bytes") }),
  );
  expect(bytes.body).toHaveLength(1_000_000);
  expect(bytes.body.every((byte, at) => byte === at % 256)).toBe(true);

  const { browserId } = bytes;
  const set = expectAnswer(await page.send({ ...session, browserId, request: get("/fetch/sets") }));
  expect(set.snapshot?.cookies).toContainEqual(
    expect.objectContaining({ name: "sid", value: "s-2", httpOnly: true, expires: null }),
  );
  expect(set.headers.map(([name]) => name)).not.toContain("set-cookie");
  // The caller's jar decides, not what the browser still has.
  const echo = expectAnswer(
    await page.send({ ...session, browserId, request: get("/fetch/echo") }),
  );
  expect(echo.json().headers?.cookie).toContain("sid=s-1");
  await page.discard(browserId);
});

it("the definition's headers go along, and what shows the session to no other origin", async () => {
  const values = { centre: { from: "element", selector: "#home", attribute: "data-center" } };
  const headers = { "center-id": "{value.centre}", "x-app": "2" };
  const session = await openSession({ values, headers });
  const near = expectAnswer(
    await page.send({ ...session, browserId: null, request: get("/fetch/echo") }),
  );
  expect(near.json().headers).toMatchObject({ "center-id": "center-7", "x-app": "2" });
  const request = get(`/fetch/goes?to=${encodeURIComponent(`${OTHER}/fetch/echo`)}`, {
    headers: { "x-app": "3" },
  });
  const { browserId } = near;
  const far = expectAnswer(await page.send({ ...session, browserId, request }));
  expect(far.json().headers).toMatchObject({ "x-app": "3" });
  expect(far.json().headers).not.toHaveProperty("center-id");
  await page.discard(browserId);
});

it("what may not be called is not, from a page neither", async () => {
  const session = await openSession();
  const guarded = createPageBrowser(env.BROWSER, async (url) => url.startsWith(OTHER));
  const request = get(`/fetch/goes?to=${encodeURIComponent(`${OTHER}/fetch/barred`)}`);
  const answer = await guarded.send({ ...session, browserId: null, request });
  expect(answer).toMatchObject({ kind: "failed", reason: "connection_failed", sent: true });
  expect((await hits()).filter((hit) => hit.endsWith("/fetch/barred"))).toEqual([]);
  await guarded.discard(answer.browserId ?? "");
});

it("redirects are followed within the allowed origins, and only there", async () => {
  const session = await openSession();
  const to = (url: string) => get(`/fetch/goes?to=${encodeURIComponent(url)}`, { method: "POST" });
  const target = `${OTHER}/fetch/echo`;
  const there = expectAnswer(await page.send({ ...session, browserId: null, request: to(target) }));
  expect(there).toMatchObject({ url: target, status: 200 });
  expect(there.json()).toMatchObject({ method: "GET", headers: { host: new URL(OTHER).host } });
  expect(there.json().headers?.cookie ?? "").not.toContain("sid");

  const { browserId } = there;
  const failures = [
    [to("http://example.invalid/x"), "origin_left"],
    [get("http://example.invalid/x"), "origin_left"],
    [get("/fetch/round"), "redirect_loop"],
    [get("/fetch/never", { timeoutMs: 500 }), "timeout"],
    [get("/fetch/large"), "too_large"],
  ] as const;
  for (const [request, reason] of failures) {
    const answer = await page.send({ ...session, browserId, request });
    expect({ url: request.url, ...answer }).toMatchObject({ kind: "failed", reason, browserId });
  }
  await page.discard(browserId);
});

it("a browser that was killed is replaced by a new one; without any nothing was sent", async () => {
  const session = await openSession();
  const request = get("/fetch/echo");
  const first = expectAnswer(await page.send({ ...session, browserId: null, request }));
  expect(await killBrowser(first.browserId)).toBe(1);
  const { browserId } = first;
  const second = expectAnswer(await page.send({ ...session, browserId, request }));
  expect(second.browserId).not.toBe(browserId);
  expect(second.json().headers?.cookie).toContain("sid=s-1");
  await page.discard(second.browserId);

  const full = { fetch: async () => new Response("no room", { status: 429 }) };
  expect(
    await createPageBrowser(full as never).send({ ...session, browserId: null, request }),
  ).toEqual({ kind: "failed", reason: "browser_unavailable", sent: false, browserId: null });
});
