import { beforeAll, describe, expect, it } from "vitest";
import { call, ids, makeTenant, type Tenant, wrongFields } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("sources-a");
});

describe("POST /sources", () => {
  it("fills in what is left out, and says where to send", async () => {
    const created = await call(a, "POST", "/sources", { slug: "plain" });
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      id: expect.stringMatching(/^src_/),
      slug: "plain",
      name: "plain",
      url: "http://plain.localhost:8787",
      hostnames: [],
      preset: "generic",
      requireSender: false,
      response: null,
      verification: null,
      dedup: null,
      retentionDays: null,
      enabled: true,
      createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    const read = await call(a, "GET", `/sources/${created.json.id}`);
    expect(read.json).toEqual(created.json);
  });

  it("keeps everything that is given", async () => {
    const given = {
      slug: "full",
      name: "결제 알림",
      hostnames: ["hooks.partner.example", "b.partner.example"],
      preset: "slack",
      requireSender: true,
      response: { status: 200, headers: { "content-type": "text/plain" }, body: "OK 확인" },
      enabled: false,
    };
    const { status, json } = await call(a, "POST", "/sources", given);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      ...given,
      hostnames: ["b.partner.example", "hooks.partner.example"],
    });
    expect((await call(a, "GET", `/sources/${json.id}`)).json).toEqual(json);
  });

  it.each([
    ["ab"],
    ["-ab"],
    ["ab-"],
    ["Abc"],
    ["a_b"],
    ["a.b"],
    ["결제알림"],
    ["a".repeat(64)],
    ["xn--abc"],
    ["app"],
    ["www"],
    ["localhost"],
    [""],
    [7],
  ])("refuses the slug %j", async (slug) => {
    const answer = await call(a, "POST", "/sources", { slug });
    expect([answer.status, wrongFields(answer)]).toEqual([422, ["slug"]]);
  });

  it("takes slugs of 3 and of 63 characters", async () => {
    for (const slug of ["a-1", "b".repeat(63)]) {
      expect((await call(a, "POST", "/sources", { slug })).status).toBe(201);
    }
  });

  it.each([
    ["Hooks.example.com"],
    ["example"],
    ["a..example.com"],
    ["example.com."],
    ["example.com:80"],
    ["192.0.2.1"],
    ["*.example.com"],
    ["https://example.com"],
    ["localhost"],
    ["x.localhost"],
    ["app.localhost"],
    [`${"a".repeat(64)}.example`],
  ])("refuses the hostname %j", async (hostname) => {
    const answer = await call(a, "POST", "/sources", { slug: "hosts", hostnames: [hostname] });
    expect([answer.status, wrongFields(answer)]).toEqual([422, ["hostnames.0"]]);
  });

  it("refuses too many hostnames, and one twice", async () => {
    const many = Array.from({ length: 11 }, (_, i) => `h${i}.example.net`);
    for (const hostnames of [many, ["x.example.net", "x.example.net"]]) {
      const answer = await call(a, "POST", "/sources", { slug: "hosts", hostnames });
      expect([answer.status, wrongFields(answer)]).toEqual([422, ["hostnames"]]);
    }
  });

  it.each([
    ["mode", "sync"],
    ["syncTimeoutMs", 1000],
    ["limit", { perMinute: 60 }],
  ])("refuses %s as not available in this version", async (field, value) => {
    const answer = await call(a, "POST", "/sources", { slug: "later", [field]: value });
    expect([answer.status, wrongFields(answer)]).toEqual([422, [field]]);
    expect(answer.json.detail).toContain("available in this version");
  });

  it("keeps events for 1 to 365 days; null is the default again", async () => {
    const made = await call(a, "POST", "/sources", { slug: "retained", retentionDays: 7 });
    expect(made.json).toMatchObject({ retentionDays: 7 });
    const path = `/sources/${made.json.id}`;
    for (const retentionDays of [365, null, 1]) {
      const changed = await call(a, "PATCH", path, { retentionDays });
      expect(changed.json).toMatchObject({ retentionDays });
    }
    expect((await call(a, "PATCH", path, { name: "x" })).json).toMatchObject({ retentionDays: 1 });
    for (const retentionDays of [0, 366, 1.5, "7"]) {
      const answer = await call(a, "PATCH", path, { retentionDays });
      expect([answer.status, wrongFields(answer)]).toEqual([422, ["retentionDays"]]);
    }
  });

  it("names every unknown field", async () => {
    const answer = await call(a, "POST", "/sources", { slug: "unknown", foo: 1, mode: "async" });
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual(["foo", "mode"]);
  });

  it.each([
    ["a status of 1xx", { status: 101 }, "response.status"],
    ["a status over 599", { status: 600 }, "response.status"],
    ["a fraction", { status: 200.5 }, "response.status"],
    ["a body with 204", { status: 204, body: "x" }, "response.body"],
    ["a body with 304", { status: 304, body: "x" }, "response.body"],
    ["a body over 64 KiB", { status: 200, body: "가".repeat(22_000) }, "response.body"],
    [
      "a header name with a space",
      { status: 200, headers: { "a b": "1" } },
      "response.headers.a b",
    ],
    [
      "a header value with a line break",
      { status: 200, headers: { a: "1\r\nb: 2" } },
      "response.headers.a",
    ],
    [
      "content-length",
      { status: 200, headers: { "Content-Length": "1" } },
      "response.headers.Content-Length",
    ],
    [
      "a hop-by-hop header",
      { status: 200, headers: { connection: "x" } },
      "response.headers.connection",
    ],
    ["a cookie", { status: 200, headers: { "set-cookie": "a=b" } }, "response.headers.set-cookie"],
    [
      "Baton's own header",
      { status: 200, headers: { "x-baton-event-id": "1" } },
      "response.headers.x-baton-event-id",
    ],
    ["an unknown field", { status: 200, delay: 1 }, "response.delay"],
  ])("refuses an own response with %s", async (_, response, path) => {
    const answer = await call(a, "POST", "/sources", { slug: "answers", response });
    expect([answer.status, wrongFields(answer)]).toEqual([422, [path]]);
  });

  it("takes a body of exactly 64 KiB, and an empty one with 204", async () => {
    const full = { slug: "answer-full", response: { status: 200, body: "x".repeat(64 * 1024) } };
    const empty = { slug: "answer-empty", response: { status: 204 } };
    expect((await call(a, "POST", "/sources", full)).status).toBe(201);
    const { json } = await call(a, "POST", "/sources", empty);
    expect(json.response).toEqual({ status: 204, headers: {}, body: "" });
  });
});

describe("PATCH /sources/{id}", () => {
  it("changes what is given and nothing else", async () => {
    const response = { status: 200, headers: { "x-a": "1" }, body: "ok" };
    const { json: before } = await call(a, "POST", "/sources", {
      slug: "patched",
      name: "Before",
      hostnames: ["patched.example.org"],
      response,
      enabled: false,
    });
    const path = `/sources/${before.id}`;
    const renamed = await call(a, "PATCH", path, { name: "After" });
    expect(renamed.status).toBe(200);
    expect(renamed.json).toEqual({
      ...before,
      name: "After",
      updatedAt: expect.any(String),
    });
    expect((await call(a, "PATCH", path, {})).json).toMatchObject({ name: "After", response });
    const cleared = await call(a, "PATCH", path, { response: null, enabled: true, hostnames: [] });
    expect(cleared.json).toMatchObject({ response: null, enabled: true, hostnames: [] });
  });

  it("replaces hostnames as a whole", async () => {
    const { json } = await call(a, "POST", "/sources", {
      slug: "swapped",
      hostnames: ["one.example.org", "two.example.org"],
    });
    const hostnames = ["three.example.org", "two.example.org"];
    const answer = await call(a, "PATCH", `/sources/${json.id}`, { hostnames });
    expect([answer.status, answer.json.hostnames]).toEqual([200, hostnames]);
  });

  it("refuses another slug, and says why", async () => {
    const { json } = await call(a, "POST", "/sources", { slug: "fixed" });
    const answer = await call(a, "PATCH", `/sources/${json.id}`, { slug: "other" });
    expect([answer.status, wrongFields(answer)]).toEqual([422, ["slug"]]);
    expect(answer.json.detail).toContain("cannot be changed");
  });
});

describe("GET and DELETE /sources", () => {
  it("deletes with its rules, and twice is 404", async () => {
    const { json: source } = await call(a, "POST", "/sources", { slug: "doomed" });
    const { json: destination } = await call(a, "POST", "/destinations", {
      name: "d",
      kind: "http",
      config: { url: "https://receiver.example/hook" },
    });
    const rule = await call(a, "POST", "/rules", {
      sourceId: source.id,
      destinationId: destination.id,
      name: "r",
      match: {},
    });
    expect(rule.status).toBe(201);
    expect((await call(a, "DELETE", `/sources/${source.id}`)).status).toBe(204);
    expect((await call(a, "GET", `/sources/${source.id}`)).status).toBe(404);
    expect((await call(a, "GET", `/rules/${rule.json.id}`)).status).toBe(404);
    expect((await call(a, "DELETE", `/sources/${source.id}`)).status).toBe(404);
  });

  it("pages newest first, and what arrives meanwhile shifts nothing", async () => {
    const c = await makeTenant("sources-pages");
    const made: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      made.unshift(String((await call(c, "POST", "/sources", { slug: `page-${n}` })).json.id));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const first = await call(c, "GET", "/sources?limit=2");
    await call(c, "POST", "/sources", { slug: "page-late" });
    const second = await call(c, "GET", `/sources?limit=2&cursor=${first.json.nextCursor}`);
    const third = await call(c, "GET", `/sources?limit=2&cursor=${second.json.nextCursor}`);
    expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(made);
    expect(third.json.nextCursor).toBeNull();
  });
});
