import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openEvents } from "../../src/db/client.ts";
import { findUnrouted } from "../../src/deliveries/sweep-queries.ts";
import { newCall } from "../../src/ingest/call.ts";
import { SOURCE_CACHE_MS } from "../../src/ingest/constants.ts";
import { GENERIC } from "../../src/ingest/generic-intake.ts";
import { identifySender } from "../../src/ingest/identify-sender.ts";
import { SECRET, signed } from "./sign.ts";
import { count, edgeEnv, makeSender, makeSource, send, sendWith, storedEvent } from "./support.ts";

/*
 * A sender is known by its key, in three places; else by its address or user agent; else by a provider's signature.
 * Its state says what happens: stored and routed, stored only, or refused. Whatever happens, no key stays behind.
 */

const KEY = "bts_Ab-c_0123456789";
const OWN = "XXXXXXXXYYYYYYYY";
let billing: string;

beforeAll(async () => {
  await makeSource("keyed", { hostname: "keyed.example.org" });
  billing = await makeSender("src_keyed", KEY);
  await makeSender("src_keyed", OWN, { name: "own", own: true });
  await makeSource("other");
  await makeSender("src_other", OWN, { name: "own elsewhere", own: true });
});

beforeEach(async () => {
  await edgeEnv.EVENTS_0.prepare("DELETE FROM strays").run();
});

/** Text of every row of events and strays. */
async function everything(): Promise<string> {
  const rows = await Promise.all(
    ["events", "strays"].map((table) => edgeEnv.EVENTS_0.prepare(`SELECT * FROM ${table}`).all()),
  );
  return JSON.stringify(rows.map(({ results }) => results));
}

describe("a key tells the sender, and is cut off", () => {
  it.each<[string, string, Record<string, string>, string, string]>([
    ["in the path", `http://keyed.localhost/~${KEY}/a%2Fb/?x=%61&y`, {}, "/a%2Fb/", "x=%61&y"],
    ["alone in the path", `http://keyed.localhost/~${KEY}`, {}, "/", ""],
    ["with an escaped tilde", `http://keyed.localhost/%7E${KEY}/a`, {}, "/a", ""],
    ["under /in/", `http://localhost/in/keyed/~${KEY}/a?b=1`, {}, "/a", "b=1"],
    ["at a hostname of its own", `https://keyed.example.org/~${KEY}/a`, {}, "/a", ""],
    ["in the header", "http://keyed.localhost/a?b=1", { "x-baton-sender": KEY }, "/a", "b=1"],
    [
      "in the query",
      `http://keyed.localhost/a?x=%7e&sender=${KEY}&y=a+b&&z`,
      {},
      "/a",
      "x=%7e&y=a+b&&z",
    ],
    ["first in the query", `http://keyed.localhost/a?sender=${KEY}&b=%20`, {}, "/a", "b=%20"],
    [
      "everywhere at once",
      `http://keyed.localhost/~${KEY}/a?sender=${KEY}&b=1&sender=${KEY}`,
      { "x-baton-sender": KEY },
      "/a",
      "b=1",
    ],
  ])("%s", async (_, url, headers, path, query) => {
    const response = await send(url, { method: "POST", headers, body: "hello" });
    expect(response.status).toBe(202);
    const event = await storedEvent(response);
    expect(event).toMatchObject({
      path,
      query,
      sender_id: billing,
      sender_name: "billing-1",
      sender_by: "key",
      status: "stored",
    });
    expect(event.headers).not.toContain("x-baton-sender");
    expect(await everything()).not.toContain(KEY);
  });

  it("a key of its own counts at its source only", async () => {
    const at = async (slug: string) =>
      storedEvent(await send(`http://${slug}.localhost/~${OWN}/a`));
    expect(await at("keyed")).toMatchObject({ sender_name: "own", path: "/a" });
    expect(await at("other")).toMatchObject({ sender_name: "own elsewhere", path: "/a" });
    expect((await send(`http://other.localhost/~${KEY}/a`)).status).toBe(401);
  });

  it("what a preset takes for a key is cut off, whoever it belongs to", async () => {
    const source = {
      id: "src_x",
      senders: [
        {
          id: "snd_x",
          name: "x",
          keyHash: "none",
          match: { userAgent: "hook" },
          state: "active" as const,
        },
      ],
    };
    const intake = {
      ...GENERIC,
      cutKey: (path: string) => ({ key: path.slice(3), path: "/s/…" }),
    };
    const request = new Request("http://x.localhost/s/secret", {
      headers: { "user-agent": "hook/1" },
    });
    const call = newCall(request, "/s/secret", () => {});
    const identity = await identifySender(source as never, intake, call);
    expect(identity).toMatchObject({ by: "match", isUnknownKey: false, call: { path: "/s/…" } });
    const ours = newCall(request, "/s/bts_deleted", () => {});
    expect(await identifySender(source as never, intake, ours)).toMatchObject({
      isUnknownKey: true,
      call: { path: "/s/…" },
    });
  });
});

describe("what is no key of ours is left as it is", () => {
  it.each([
    ["/~kim/public?sender=kim", "/~kim/public", "sender=kim"],
    ["/a?sender=&senders=bts_x", "/a", "sender=&senders=bts_x"],
    ["/a/~bts_x", "/a/~bts_x", ""],
  ])("%s", async (target, path, query) => {
    const response = await send(`http://keyed.localhost${target}`, {
      headers: { "user-agent": "curl/8", "cf-connecting-ip": "192.0.2.1" },
    });
    expect(await storedEvent(response)).toMatchObject({
      path,
      query,
      sender_id: null,
      sender_name: "curl/8 @ 192.0.2.1",
      sender_by: null,
    });
  });
});

describe("a key that nobody has is refused, and kept as a stray without it", () => {
  it.each<[string, string, Record<string, string>]>([
    ["in the path", "/~bts_wrong/a?b=1", {}],
    ["escaped in the path", "/~bts%5Fwrong/a?b=1", {}],
    ["in the query", "/a?sender=bts_wrong", {}],
    ["in the header", "/a", { "x-baton-sender": "wrong" }],
    ["though its address is registered", "/~bts_wrong/a", { "cf-connecting-ip": "198.51.100.9" }],
  ])("%s", async (_, target, headers) => {
    await edgeEnv.DB.prepare("DELETE FROM senders WHERE name = 'known'").run();
    await makeSender("src_keyed", "bts_known", {
      name: "known",
      match: { ips: ["198.51.100.9"] },
    });
    const before = await count("events");
    const response = await send(`http://keyed.localhost${target}`, { headers, method: "POST" });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain("wrong");
    expect(await count("events")).toBe(before);
    expect(
      await count("strays", "reason = 'unknown_sender' AND organization_id = 'org_test'"),
    ).toBe(1);
    expect(await everything()).not.toContain("wrong");
  });

  it("a disabled source's stray has no key either, not even one of a sender's own", async () => {
    await makeSource("dozing", { enabled: false });
    await makeSender("src_dozing", "own-secret-key", { own: true });
    await send("http://dozing.localhost/~own-secret-key/a?b=1&sender=own-secret-key");
    await send("http://localhost/in/dozing/~own-secret-key/a");
    const { results } = await edgeEnv.EVENTS_0.prepare(
      "SELECT path, query FROM strays WHERE reason = 'source_disabled' ORDER BY id",
    ).all();
    expect(results).toEqual([
      { path: "/a", query: "b=1" },
      { path: "/in/dozing/a", query: "" },
    ]);
  });
});

describe("without a key a sender is known by its marks", () => {
  beforeAll(async () => {
    await makeSource("marked");
    const mark = (name: string, match: object) =>
      makeSender("src_marked", `bts_${name}`, { name, match });
    await mark("one address", { ips: ["192.0.2.7"] });
    await mark("a network", { ips: ["198.51.100.1", "10.1.0.0/16"] });
    await mark("IPv6", { ips: ["2001:db8:1::/48"] });
    await mark("an agent", { userAgent: "okhttp/" });
    await mark("both", { ips: ["203.0.113.5"], userAgent: "Legacy" });
  });

  it.each<[string, string, string | null]>([
    ["192.0.2.7", "x", "one address"],
    ["192.0.2.8", "x", null],
    ["10.1.255.255", "x", "a network"],
    ["198.51.100.1", "x", "a network"],
    ["10.2.0.0", "x", null],
    ["2001:db8:1:ffff::1", "x", "IPv6"],
    ["2001:db8:2::1", "x", null],
    ["192.0.2.99", "app okhttp/4.9", "an agent"],
    ["192.0.2.99", "app OKHTTP/4.9", null],
    ["203.0.113.5", "Legacy-ERP/2", "both"],
    ["203.0.113.5", "curl", null],
    ["203.0.113.6", "Legacy-ERP/2", null],
  ])("%s, %s: %s", async (ip, agent, name) => {
    const headers = { "cf-connecting-ip": ip, "user-agent": agent };
    const event = await storedEvent(await send("http://marked.localhost/", { headers }));
    expect([event.sender_name, event.sender_by]).toEqual(
      name === null ? [`${agent} @ ${ip}`, null] : [name, "match"],
    );
    expect(event.sender_id === null).toBe(name === null);
  });

  it("a key says more than marks", async () => {
    const headers = { "cf-connecting-ip": "192.0.2.7", "x-baton-sender": "bts_both" };
    const event = await storedEvent(await send("http://marked.localhost/", { headers }));
    expect([event.sender_name, event.sender_by]).toEqual(["both", "key"]);
  });

  it("of several that match, the one that is held back most counts", async () => {
    await makeSource("overlap");
    const match = { ips: ["192.0.2.0/24"] };
    const headers = { "cf-connecting-ip": "192.0.2.1" };
    const call = () => send("http://overlap.localhost/", { headers });
    await makeSender("src_overlap", "bts_o1", { name: "let in", match });
    expect(await storedEvent(await call())).toMatchObject({ sender_name: "let in" });
    await makeSender("src_overlap", "bts_o2", { name: "muted", match, state: "muted" });
    expect(await storedEvent(await call())).toMatchObject({ sender_name: "muted" });
    await makeSender("src_overlap", "bts_o3", { name: "blocked", match, state: "blocked" });
    expect((await call()).status).toBe(401);
  });
});

describe("a muted sender", () => {
  it("is answered as ever and stored, but never routed: no task, and nothing for the sweep", async () => {
    await makeSource("quiet", { dedup: { from: "body", windowSeconds: 60 } });
    await makeSender("src_quiet", "bts_muted", { state: "muted" });
    const sent: unknown[] = [];
    const queue = { send: async (task: unknown) => void sent.push(task) };
    const overrides = { EVENTS_QUEUE: queue as unknown as EdgeEnv["EVENTS_QUEUE"] };
    const init = { method: "POST", body: "one" };
    const muted = await sendWith(overrides, "http://quiet.localhost/~bts_muted/a", init);
    expect(muted.status).toBe(202);
    const event = await storedEvent(muted);
    expect(event).toMatchObject({ status: "muted", sender_name: "billing-1", path: "/a" });
    expect(event.routed_at).not.toBeNull();
    expect(sent).toEqual([]);
    const waiting = await findUnrouted(openEvents(edgeEnv.EVENTS_0), -1000);
    expect(waiting.map(({ eventId }) => eventId)).not.toContain(event.id);
    // What it sent is no duplicate for others.
    const next = await sendWith(overrides, "http://quiet.localhost/a", init);
    expect(next.headers.get("x-baton-duplicate")).toBeNull();
    expect(sent).toHaveLength(1);
  });
});

describe("a blocked sender", () => {
  it("gets 401, nothing of it is stored, and every request is counted, also at once", async () => {
    await makeSource("closed");
    const id = await makeSender("src_closed", "bts_blocked", {
      state: "blocked",
      match: { ips: ["192.0.2.66"] },
    });
    const before = [await count("events"), await count("strays")];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        send(`http://closed.localhost/${i % 2 ? "" : "~bts_blocked/"}`, {
          method: "POST",
          headers: { "cf-connecting-ip": "192.0.2.66" },
          body: "x".repeat(1000),
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(answers[0]?.headers.get("content-type")).toBe("application/problem+json");
    expect(await answers[0]?.text()).toContain("blocked");
    expect([await count("events"), await count("strays")]).toEqual(before);
    const { results } = await edgeEnv.EVENTS_0.prepare(
      "SELECT day, count FROM sender_refusals WHERE source_id = 'src_closed' AND sender_id = ?",
    )
      .bind(id)
      .all();
    expect(results).toEqual([{ day: new Date().toISOString().slice(0, 10), count: 50 }]);
  });

  it("is refused also when it cannot be counted", async () => {
    const down = {
      prepare: () => {
        throw new Error("D1 is down");
      },
    } as unknown as D1Database;
    const url = "http://closed.localhost/~bts_blocked/";
    expect((await sendWith({ EVENTS_0: down }, url)).status).toBe(401);
  });
});

describe("requireSender", () => {
  it("lets in whom it knows, and keeps the others as strays", async () => {
    await makeSource("members", { requireSender: true });
    await makeSender("src_members", "bts_member", { match: { userAgent: "member" } });
    expect((await send("http://members.localhost/~bts_member/")).status).toBe(202);
    const known = { headers: { "user-agent": "a member" } };
    expect((await send("http://members.localhost/", known)).status).toBe(202);
    const response = await send("http://members.localhost/?sender=kim", { method: "POST" });
    expect(response.status).toBe(401);
    expect(await response.text()).toContain("x-baton-sender");
    expect(await count("strays", "reason = 'sender_required'")).toBe(1);
  });
});

describe("with verification", () => {
  const body = new TextEncoder().encode("{}");
  beforeAll(async () => {
    await makeSource("hub", { verification: { preset: "github", secrets: [SECRET] } });
    await makeSender("src_hub", "bts_hub", { name: "our hub", match: { ips: ["192.0.2.5"] } });
  });

  const post = async (url: string, headers: Record<string, string> = {}, good = true) => {
    const signature = good ? await signed(body) : {};
    return send(url, { method: "POST", headers: { ...signature, ...headers }, body });
  };

  it.each<[string, string, Record<string, string>, string, string]>([
    ["registered by key", "http://hub.localhost/~bts_hub/p", {}, "our hub", "key"],
    [
      "registered by address",
      "http://hub.localhost/p",
      { "cf-connecting-ip": "192.0.2.5" },
      "our hub",
      "match",
    ],
    [
      "not registered",
      "http://hub.localhost/p",
      { "user-agent": "hookshot" },
      "github: hookshot",
      "signature",
    ],
  ])("signed and %s", async (_, url, headers, name, by) => {
    const event = await storedEvent(await post(url, headers));
    expect(event).toMatchObject({ path: "/p", sender_name: name, sender_by: by, status: "stored" });
  });

  it("a key is no signature, and the stray has no key", async () => {
    expect((await post("http://hub.localhost/~bts_hub/p?sender=bts_hub", {}, false)).status).toBe(
      401,
    );
    expect(await count("strays", "reason = 'verification_failed' AND path = '/p'")).toBe(1);
    expect(await everything()).not.toContain("bts_hub");
  });
});

it("in production a change of a sender takes effect after 5 s", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const production = { BASE_DOMAIN: "example.com", APP_URL: "https://app.example.com" };
  await makeSource("changing");
  const id = await makeSender("src_changing", "bts_changing");
  const url = "https://changing.example.com/~bts_changing/";
  const call = async () => (await sendWith(production, url)).status;
  expect(await call()).toBe(202);
  await edgeEnv.DB.prepare("UPDATE senders SET state = 'blocked' WHERE id = ?").bind(id).run();
  vi.setSystemTime(Date.now() + SOURCE_CACHE_MS + 1);
  expect(await call()).toBe(401);
  vi.useRealTimers();
});

it("no key is in the database after all this", async () => {
  const text = await everything();
  const { results } = await edgeEnv.DB.prepare("SELECT * FROM senders").all();
  const stored = text + JSON.stringify(results);
  for (const key of [KEY, OWN, "bts_muted", "bts_blocked", "bts_member", "bts_hub", "bts_both"]) {
    expect(stored).not.toContain(key);
  }
});
