import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { count, edgeEnv, makeSource, send, sendWith, streamOf } from "./support.ts";

const MIB = 1024 * 1024;

beforeAll(async () => {
  await makeSource("hooks");
  await makeSource("asleep", { enabled: false, organizationId: "org_other" });
});

async function problem(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return (await response.json()) as { status: number; detail: string; exists?: unknown };
}

async function stored() {
  const bodies = await edgeEnv.BODIES.list();
  return { events: await count("events"), bodies: bodies.objects.length };
}

describe("refused with a problem, and nothing stored", () => {
  let before: Awaited<ReturnType<typeof stored>>;
  beforeEach(async () => {
    before = await stored();
  });

  it.each([
    ["26 MiB with a length", () => new Uint8Array(26 * MIB)],
    ["26 MiB without a length", () => streamOf(new Uint8Array(26 * MIB), MIB)],
  ])("%s: 413", async (_, body) => {
    const response = await send("http://hooks.localhost/", { method: "POST", body: body() });
    expect(response.status).toBe(413);
    expect((await problem(response)).detail).toContain("25 MiB");
    expect(await stored()).toEqual(before);
  });

  it("a path of 16 KB and more: 414", async () => {
    const response = await send(`http://hooks.localhost/${"a".repeat(16 * 1024)}`);
    expect(response.status).toBe(414);
    expect((await problem(response)).detail).toContain("16384");
    expect(await stored()).toEqual(before);
  });

  it("a request that went round in a loop: 508", async () => {
    const response = await send("http://hooks.localhost/", { headers: { "x-baton-hops": "5" } });
    expect(response.status).toBe(508);
    expect((await problem(response)).detail).toContain("destination");
    expect(await stored()).toEqual(before);
  });
});

it("a path just under the limit and hops below it are taken", async () => {
  const path = "a".repeat(16 * 1024 - 1);
  expect((await send(`http://hooks.localhost/${path}`)).status).toBe(202);
  const headers = { "x-baton-hops": "4" };
  expect((await send("http://hooks.localhost/", { headers })).status).toBe(202);
});

describe("what could not be stored is never answered with 2xx", () => {
  const failing = {
    prepare: () => {
      throw new Error("D1 is down");
    },
    batch: () => Promise.reject(new Error("D1 is down")),
  } as unknown as D1Database;

  it("the event database is down: 503, and a large body is not left behind", async () => {
    const body = new Uint8Array(MIB);
    const before = await stored();
    const response = await sendWith({ EVENTS_0: failing }, "http://hooks.localhost/", {
      method: "POST",
      body,
    });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    // The database cannot say whether the row is there, so the body stays; see the next test.
    expect(await stored()).toEqual({ ...before, bodies: before.bodies + 1 });
  });

  it("only the insert fails: 503, and the large body is deleted", async () => {
    const before = await stored();
    const response = await sendWith({ EVENTS_0: failingInserts() }, "http://hooks.localhost/", {
      method: "POST",
      body: new Uint8Array(MIB),
    });
    expect(response.status).toBe(503);
    expect(await stored()).toEqual(before);
  });

  it("the control database is down: 503, not a stray", async () => {
    const strays = await count("strays");
    // The app host asks by path, so that no cache of this isolate answers.
    const response = await sendWith({ DB: failing }, "http://localhost/in/hooks/x");
    expect(response.status).toBe(503);
    expect(await count("strays")).toBe(strays);
  });

  it.each([
    ["put", new Uint8Array(MIB)],
    ["createMultipartUpload", streamOf(new Uint8Array(6 * MIB), MIB)],
  ])("R2 is down at %s: 503, and nothing of it is stored", async (method, body) => {
    const before = await stored();
    const broken = new Proxy(edgeEnv.BODIES, {
      get(target, name) {
        if (name === method) return () => Promise.reject(new Error("R2 is down"));
        return Reflect.get(target, name).bind(target);
      },
    });
    const response = await sendWith({ BODIES: broken }, "http://hooks.localhost/", {
      method: "POST",
      body,
    });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await stored()).toEqual(before);
  });

  it("a stray that could not be kept is not said to be kept", async () => {
    const response = await sendWith({ EVENTS_0: failing }, "http://nobody.localhost/");
    expect(response.status).toBe(404);
    expect((await problem(response)).detail).not.toContain("kept");
  });

  it("the queue is down: stored all the same, for the sweep to route", async () => {
    const queue = { send: () => Promise.reject(new Error("queue is down")) };
    const response = await sendWith(
      { EVENTS_QUEUE: queue as unknown as Queue },
      "http://hooks.localhost/queue-down",
    );
    expect(response.status).toBe(202);
    expect(await count("events", "path = '/queue-down'")).toBe(1);
  });
});

function failingInserts(): D1Database {
  return new Proxy(edgeEnv.EVENTS_0, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name).bind(target);
      return (query: string) => {
        if (/^insert/i.test(query)) throw new Error("disk full");
        return target.prepare(query);
      };
    },
  });
}

describe("strays", () => {
  it.each([
    ["an unknown host", "http://nobody.localhost/a?b=c", "/a", null, "unknown_source"],
    ["an unknown path", "http://localhost/in/nobody/a?b=c", "/in/nobody/a", null, "unknown_source"],
    ["a disabled source", "http://asleep.localhost/a?b=c", "/a", "org_other", "source_disabled"],
  ])("%s: 404 that says what exists, and a stray", async (_, url, path, owner, reason) => {
    await edgeEnv.EVENTS_0.prepare("DELETE FROM strays").run();
    const response = await send(url, { method: "POST", body: "hello" });
    expect(response.status).toBe(404);
    expect(response.headers.get("x-baton-event-id")).toBeNull();
    expect((await problem(response)).exists).toMatchObject({
      wildcardHost: "http://<slug>.localhost:8787",
      path: "http://localhost:8787/in/<slug>/…",
    });
    const stray = await edgeEnv.EVENTS_0.prepare("SELECT * FROM strays").first();
    expect(stray).toMatchObject({
      path,
      query: "b=c",
      organization_id: owner,
      reason,
      size: 5,
    });
  });

  it("the name of a deleted source belongs to its organization while it is reserved", async () => {
    await edgeEnv.DB.prepare("INSERT INTO reserved_names VALUES ('slug', 'former', 'org_other', ?)")
      .bind(Date.now() + 60_000)
      .run();
    await send("http://former.localhost/late");
    expect(
      await count("strays", "organization_id = 'org_other' AND reason = 'source_deleted'"),
    ).toBe(1);
  });

  it("keep 64 KiB of a body, whatever came", async () => {
    await send("http://big.localhost/", { method: "POST", body: streamOf(new Uint8Array(MIB)) });
    const row = await edgeEnv.EVENTS_0.prepare(
      "SELECT length(body) AS kept FROM strays WHERE host = 'big.localhost'",
    ).first();
    expect(row).toEqual({ kept: 65_536 });
  });

  it("are bounded for one host and day, and in all, also when they come at once", async () => {
    const day = new Date().toISOString().slice(0, 10);
    const fill = edgeEnv.EVENTS_0.prepare(
      "INSERT INTO stray_counts (day, host, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count",
    );
    await fill.bind(day, "flood.localhost", 998).run();
    await Promise.all(Array.from({ length: 20 }, () => send("http://flood.localhost/")));
    expect(await count("strays", "host = 'flood.localhost'")).toBe(2);
    await fill.bind(day, "*", 20_000).run();
    expect((await send("http://one-more.localhost/")).status).toBe(404);
    expect(await count("strays", "host = 'one-more.localhost'")).toBe(0);
    const counters = await edgeEnv.EVENTS_0.prepare(
      "SELECT count(*) AS n FROM stray_counts WHERE host = 'one-more.localhost'",
    ).first();
    expect(counters).toEqual({ n: 0 });
  });
});

it("in production a name outside the base domain is a stray, not the app's", async () => {
  const production = { BASE_DOMAIN: "example.com", APP_URL: "https://app.example.com" };
  const call = (url: string) => sendWith(production, url);
  expect((await call("https://elsewhere.dev/x")).status).toBe(404);
  expect((await call("https://a.b.example.com/x")).status).toBe(404);
  expect((await call("https://hooks.example.com/x")).status).toBe(202);
  expect((await call("https://app.example.com/in/hooks/x")).status).toBe(202);
  expect((await call("https://baton-edge.me.workers.dev/in/hooks/x")).status).toBe(202);
});
