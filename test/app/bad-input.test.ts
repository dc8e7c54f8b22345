import { beforeAll, describe, expect, it } from "vitest";
import { addKey, call, fetchApp, insertEvent, makeTenant, type Tenant } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("bad-input-a");
});

function post(body: BodyInit | null, headers: Record<string, string> = {}) {
  return fetchApp("/api/v1/sources", {
    method: "POST",
    headers: {
      authorization: `Bearer ${a.key}`,
      "content-type": "application/json",
      ...headers,
    },
    body,
  });
}

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const problem: { status: number; detail: string; title: string; type: string } =
    await response.json();
  expect(problem.status).toBe(response.status);
  return problem;
}

const invalidUtf8 = Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d);

describe("a body that is no acceptable JSON", () => {
  it.each<[string, BodyInit, number]>([
    ["nothing after a brace", "{", 400],
    ["two values", "{}{}", 400],
    ["a word", "slug", 400],
    ["invalid UTF-8", invalidUtf8, 400],
    ["10,000 levels of lists", "[".repeat(10_000) + "]".repeat(10_000), 400],
    ["10,000 levels of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 400],
    ["a list", "[]", 422],
    ["null", "null", 422],
    ["a number", "7", 422],
    ["an empty object", "{}", 422],
    ["more than 1 MiB", JSON.stringify({ slug: "x".repeat(1024 * 1024) }), 413],
  ])("%s", async (_, body, status) => {
    const problem = await problemOf(await post(body));
    expect(problem.status).toBe(status);
  });

  it("more than 1 MiB of unknown length", async () => {
    const chunk = new Uint8Array(256 * 1024).fill(0x20);
    let left = 5;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
    expect((await problemOf(await post(endless))).status).toBe(413);
  });

  it("a byte order mark is no part of the JSON", async () => {
    const response = await post('\ufeff{"slug":"with-bom"}');
    expect(response.status).toBe(201);
    await response.body?.cancel();
  });

  it.each([
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["application/jsonp", 415],
    ["", 415],
  ])("content type %j", async (type, status) => {
    const response = await post('{"slug":"typed"}', { "content-type": type });
    expect((await problemOf(response)).status).toBe(status);
  });

  it("none at all", async () => {
    expect((await problemOf(await post(null))).status).toBe(400);
    expect((await problemOf(await post("", { "content-type": "text/plain" }))).status).toBe(415);
  });

  it.each(["application/json; charset=utf-8", "APPLICATION/JSON"])("takes %s", async (type) => {
    const response = await post("{}", { "content-type": type });
    expect((await problemOf(response)).status).toBe(422);
  });
});

describe("a key that is none", () => {
  it.each([
    ["nothing", {}],
    ["an unknown key", { authorization: "Bearer bt_unknown" }],
    ["another scheme", { authorization: "Basic YTpi" }],
    ["an empty key", { authorization: "Bearer " }],
  ])("%s is 401", async (_, headers) => {
    for (const path of ["/api/v1/sources", "/api/v1/events", "/api/v1/nowhere"]) {
      const response = await fetchApp(path, { headers: headers as Record<string, string> });
      expect((await problemOf(response)).status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("a deleted key is 401 at once", async () => {
    const made = await call(a, "POST", "/api-keys", { name: "short", scopes: ["read"] });
    const short = { ...a, key: String(made.json.key) };
    expect((await call(short, "GET", "/sources")).status).toBe(200);
    await call(a, "DELETE", `/api-keys/${made.json.id}`);
    expect((await call(short, "GET", "/sources")).status).toBe(401);
  });
});

describe("scopes", () => {
  const calls: [string, string, string][] = [
    ["read", "GET", "/sources"],
    ["read", "GET", "/sources/src_none"],
    ["read", "GET", "/events"],
    ["read", "GET", "/events/evt_none"],
    ["read", "GET", "/events/evt_none/body"],
    ["write", "POST", "/sources"],
    ["write", "PATCH", "/sources/src_none"],
    ["write", "DELETE", "/sources/src_none"],
    ["admin", "GET", "/strays"],
    ["admin", "GET", "/api-keys"],
  ];
  const SCOPES = ["read", "write", "admin"];

  it.each(calls)("%s is enough for %s %s, and less is 403", async (needed, method, path) => {
    const body = method === "POST" || method === "PATCH" ? {} : undefined;
    const refusals: [string, string][] = [];
    for (const scope of SCOPES) {
      const key = await addKey(a.organizationId, [scope]);
      const { status, json } = await call({ ...a, key }, method, path, body);
      if (status === 403) refusals.push([scope, String(json.detail)]);
    }
    const lesser = SCOPES.slice(0, SCOPES.indexOf(needed));
    const detail = `This call needs an API key with scope \`${needed}\`.`;
    expect(refusals).toEqual(lesser.map((scope) => [scope, detail]));
  });
});

describe("a path that does not exist", () => {
  it.each([["/api/v1/nowhere"], ["/api/nowhere"], ["/nowhere"], ["/api/v1/sources/"]])(
    "%s is a 404 problem, never a page",
    async (path) => {
      const headers = { authorization: `Bearer ${a.key}` };
      expect((await problemOf(await fetchApp(path, { headers }))).status).toBe(404);
    },
  );

  it("a method that a path lacks is 404, and says which it has", async () => {
    const answer = await call(a, "PUT", "/sources/src_x", {});
    expect(answer.status).toBe(404);
    expect(answer.json.detail).toContain("GET, PATCH, DELETE");
  });
});

describe("methods and bodies in odd places are never a 500", () => {
  it("HEAD is GET without the body", async () => {
    const id = await insertEvent(a);
    for (const path of ["/health", "/api/docs", "/api/openapi.json"]) {
      const response = await fetchApp(path, { method: "HEAD" });
      expect([response.status, await response.text()]).toEqual([200, ""]);
    }
    const answer = await call(a, "HEAD", `/events/${id}`);
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect((await call(a, "HEAD", "/events/evt_none")).status).toBe(404);
  });

  it.each(["DELETE", "PUT", "OPTIONS", "PROPFIND", "POST", "PATCH"])(
    "%s with JSON",
    async (method) => {
      for (const path of ["/sources", "/sources/src_x", "/jobs/sweep/run", "/strays"]) {
        const { status } = await call(a, method, path, { unexpected: true });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }
    },
  );
});
